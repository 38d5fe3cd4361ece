using FiberLink.Events;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>
/// W-39: each rule is made sure of once more in the transaction that holds the money. All have decided, rightly, before any of them
/// commits; whoever comes second is decided anew, and told what holds then.
/// </summary>
public sealed class What_has_changed_since_it_was_decided
{
    private const string Amount = "61";

    [Theory]
    [InlineData("member's day", "daily user withdrawal limit exceeded: 122 > 100")]
    [InlineData("community's day", "daily app withdrawal limit exceeded: 122 > 100")]
    [InlineData("cooldown", "withdrawal cooldown active, retry in ")]
    [InlineData("open", "open withdrawals limit exceeded: 122 > 100")]
    public async Task Refuses_the_second_of_two(string rule, string why)
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true, CountsSteps = true });
        await service.LimitAsync(RunningService.App, new()
        {
            MemberDayMax = rule == "member's day" ? 100UL : 1_000,
            CommunityDayMax = rule == "community's day" ? 100UL : 1_000,
            RequestMax = 100,
            Cooldown = rule == "cooldown" ? 3_600 : 0,
            MemberOpenMax = rule == "open" ? 100 : null,
        });
        var members = rule == "community's day" ? (string[])["alice", "bob"] : ["alice", "alice"];
        foreach (var member in members)
        {
            await service.GiveAsync(RunningService.App, member, "200");
        }

        var replies = await DecidedTogetherAsync(service, members, () => Task.CompletedTask);

        Assert.Single(replies, r => r.ErrorCode is null);
        Assert.StartsWith(why, Assert.Single(replies, r => r.ErrorCode is not null).ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from read_models.withdrawals"));
    }

    [Theory]
    [InlineData(true, "withdrawals are paused: we are looking")]
    [InlineData(false, "withdrawal amount 61 exceeds per-request limit 60")]
    public async Task Refuses_what_an_operator_has_stopped_meanwhile(bool isHub, string why)
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true, CountsSteps = true });
        await service.GiveAsync(RunningService.App, "alice", "200");

        var replies = await DecidedTogetherAsync(service, ["alice"], () => isHub
            ? service.AppendAsync(
                new StreamId(Tenants.Hub, "payout_control"),
                new PayoutControlEvent.Paused(null, "olga", "we are looking", service.Clock.GetUtcNow()))
            : service.LimitAsync(RunningService.App, new() { RequestMax = 60 }));

        replies.Single().AssertError(-32602, why);
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from read_models.withdrawals"));
    }

    /// <summary>Each asks for itself, to an address of its own; what happens meanwhile comes before any of them commits.</summary>
    private static async Task<RpcReply[]> DecidedTogetherAsync(RunningService service, string[] members, Func<Task> meanwhile)
    {
        Task<RpcReply>[] asked;
        using (service.Steps!.Hold(StopPoints.PayoutDecided))
        {
            asked = [.. members.Select(m => service.Client.WithdrawAsync(m, Amount, PaidChain.NewRecipient().Address, Ct))];
            await Eventually.HoldsAsync(
                "all have decided", () => Task.FromResult(service.Steps.Of(StopPoints.PayoutDecided) == members.Length), Ct);
            await meanwhile();
        }

        return await Task.WhenAll(asked);
    }
}
