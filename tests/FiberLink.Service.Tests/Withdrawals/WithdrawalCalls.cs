using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Asks for withdrawals as the plugin does.</summary>
internal static class WithdrawalCalls
{
    // Of what is below 10,000 CKB, and of a token.
    private const long ConfirmationsUsual = 12;
    private const long ConfirmationsMost = 24;

    private const string NotDeep =
        "select count(*) from read_models.withdrawals where stage = 'InBlock' "
        + "and $1 - block_number::bigint + 1 < case when asset = 'CKB' then $2 else $3 end";

    public static object To(string destination) =>
        destination.StartsWith("fib", StringComparison.Ordinal)
            ? new { kind = "PAYMENT_REQUEST", paymentRequest = destination }
            : new { kind = "CKB_ADDRESS", address = destination };

    public static Task<RpcReply> WithdrawAsync(
        this SignedClient client, string member, string amount, string destination, CancellationToken ct, string asset = "CKB") =>
        client.CallAsync("withdrawal.request", new { userId = member, amount, asset, destination = To(destination) }, ct);

    public static async Task<JsonElement> QuoteAsync(
        this SignedClient client, string member, string amount, string destination, CancellationToken ct, string asset = "CKB") =>
        (await client.CallAsync("withdrawal.quote", new { userId = member, amount, asset, destination = To(destination) }, ct))
        .Result;

    /// <summary>The stage of a withdrawal as the read model has it.</summary>
    public static async Task<string?> StageOfAsync(this RunningService service, string id) =>
        (await service.Database.TextsAsync("select stage from read_models.withdrawals where withdrawal_id = $1", Guid.Parse(id)))
        .SingleOrDefault();

    public static Task StageIsAsync(this RunningService service, string id, string stage) =>
        Eventually.HoldsAsync($"withdrawal {id} is {stage}", async () => await service.StageOfAsync(id) == stage, Ct);

    /// <summary>
    /// Blocks come until a withdrawal has a stage: while something waits for one, and until what is in one lies deep enough. No more come,
    /// however long it takes the service to look, so that what counts is not final at once.
    /// </summary>
    public static Task MinedUntilAsync(this RunningService service, string id, string stage) =>
        Eventually.HoldsAsync(
            $"withdrawal {id} is {stage}",
            async () =>
            {
                var chain = await service.OnChain!.Control.StateAsync(Ct);
                if (chain.Pool.Count > 0
                    || await service.Database.CountAsync(NotDeep, (long)chain.TipNumber, ConfirmationsUsual, ConfirmationsMost) > 0)
                {
                    await service.OnChain.Control.MineAsync(1, Ct);
                }

                return await service.StageOfAsync(id) == stage;
            },
            Ct);

    /// <summary>Sets the limits of a community's CKB, or of another asset.</summary>
    public static Task LimitAsync(this RunningService service, string app, TestLimits limits, string asset = "CKB") =>
        AppendAsync(
            service,
            new StreamId(app, $"payout_policy-{asset}"),
            new PayoutPolicyEvent.Changed(new(asset), limits.ToLimits(new(asset)), "olga", "a test", service.Clock.GetUtcNow()));

    /// <summary>Appends what an operator decides.</summary>
    public static async Task AppendAsync(this RunningService service, StreamId stream, object @event) =>
        Assert.IsType<AppendResult.Appended>(await service.Instance.Services.GetRequiredService<IEventStore>().AppendAsync(
            new Change(
                [new(stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), @event)])], EventMetadata.None, service.Clock.GetUtcNow()),
            Ct));

    /// <summary>Credits a member as a settled tip does, without the way through the node.</summary>
    public static Task GiveAsync(this RunningService service, string app, string member, string ckb) =>
        service.GiveAsync(app, member, AmountText.Parse(ckb, AssetDefinition.Ckb, out _)!.Value);

    /// <summary>As above, of any asset.</summary>
    public static Task GiveAsync(this RunningService service, string app, string member, Amount amount)
    {
        var tip = Guid.CreateVersion7();
        return service.AppendAsync(
            new StreamId(app, $"given-{tip:N}"),
            new TipEvent.Settled(
                tip,
                member,
                amount,
                false,
                JournalEntry.Move(amount, (Account.HubChannels, null), (Account.MemberAvailable, member)),
                service.Clock.GetUtcNow()));
    }
}

/// <summary>Limits in whole CKB (of a token: in 10⁸ smallest units); what isn't said is as usual.</summary>
public sealed record TestLimits
{
    public ulong RequestMax { get; init; } = 5_000;

    public ulong MemberDayMax { get; init; } = 20_000;

    public ulong CommunityDayMax { get; init; } = 200_000;

    public ulong? MemberOpenMax { get; init; }

    public long Cooldown { get; init; }

    public ulong? ApprovalAbove { get; init; }

    public long NewDestinationWait { get; init; }

    public PayoutLimits ToLimits(Asset asset)
    {
        Amount Of(ulong whole) => new(asset, whole * PaidChain.Ckb);
        return new(
            true,
            Of(RequestMax),
            Of(MemberDayMax),
            Of(CommunityDayMax),
            MemberOpenMax is { } open ? Of(open) : null,
            Cooldown,
            ApprovalAbove is { } above ? Of(above) : null,
            NewDestinationWait);
    }
}
