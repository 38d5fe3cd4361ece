using FiberLink.Service.Reconciliation;
using FiberLink.Service.Tests.Reconciliation;
using FiberLink.Service.Tests.Scene;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.MoneyBugs;

/// <summary>Money bug 11: a recipient had 19,400 sats that no sender was charged. Here neither half stands without the other.</summary>
public sealed class Both_halves_of_a_payment
{
    private const string Entries =
        """
        select string_agg(p ->> 'account' || ' ' || (p ->> 'units'), ', ' order by p ->> 'account')
          from event_store.mt_events as e cross join jsonb_array_elements(e.data -> 'entry' -> 'postings') as p
         group by e.seq_id
        """;

    private const string Balances =
        "select account || ' ' || units from read_models.account_balances where units <> 0 order by 1";

    /// <summary>What came in at the hub and what the recipient has is one entry of one event, in one commit with both balances.</summary>
    [Fact]
    public async Task Are_booked_in_one_commit_or_not_at_all()
    {
        await using var service = await RunningService.StartAsync();
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Database.ExecuteAsync(
            "alter table read_models.account_balances add constraint no_hub check (account <> 'HubChannels') not valid");
        await service.Control.PayAsync(invoice, Ct);
        await FiberLink.Testing.Eventually.HoldsAsync(
            "crediting was tried",
            async () => await service.Database.CountAsync("select count(*) from messaging.waiting where last_error is not null") > 0,
            Ct);

        // The hub's half cannot be written, so the recipient has nothing, and the log says nothing of it either.
        Assert.Equal(0, await service.SettledAsync());
        Assert.Empty(await service.Database.TextsAsync(Balances));

        await service.Database.ExecuteAsync("alter table read_models.account_balances drop constraint no_hub");
        service.Clock.Move(TimeSpan.FromMinutes(5));
        await service.SettlesAsync(1);
        Assert.Equal(["HubChannels -100000000, MemberAvailable 100000000"], await service.Database.TextsAsync(Entries));
        Assert.Equal(["HubChannels -100000000", "MemberAvailable 100000000"], await service.Database.TextsAsync(Balances));
    }

    /// <summary>The half at the node and the half in the log are compared, both ways.</summary>
    [Fact]
    public async Task Are_missed_by_the_comparison_whichever_is_missing()
    {
        await using var service = await RunningService.StartAsync();
        var paid = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Instance.DisposeAsync();
        await service.Control.PayAsync(paid, Ct);
        Assert.Equal([DifferenceKind.PaidNotCredited], await KindsAsync(service));

        await service.RestartAsync();
        await service.SettlesAsync(1);
        Assert.Empty(await KindsAsync(service));

        await using var liar = await LyingNode.StartAsync((_, result) => result["status"] = "Open", Ct);
        Assert.Equal([DifferenceKind.CreditedNotPaid], await KindsAsync(service, liar.InFrontOf(service.Node.Endpoint)));
    }

    private static async Task<IReadOnlyList<DifferenceKind>> KindsAsync(RunningService service, Uri? node = null)
    {
        await using var tools = service.Tools(s => s with { NodeUrl = node ?? s.NodeUrl });
        var kinds = new List<DifferenceKind>();
        await tools.GetRequiredService<NodeReconciliation>().RunAsync(
            new(RunningService.App, Repair: false),
            difference =>
            {
                kinds.Add(difference.Kind);
                return Task.CompletedTask;
            },
            Ct);
        return kinds;
    }
}
