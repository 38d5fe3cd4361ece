using FiberLink.Sandbox;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>Withdrawals to invoices, against the payments of a node.</summary>
public sealed class Reconciling_payments
{
    [Fact]
    public async Task What_was_paid_for_a_withdrawal_is_known_and_what_has_failed_too()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        await WithdrawnAsync(service, "Completed");
        await WithdrawnAsync(service, "Failed");

        var (report, found) = await ReconcileAsync(service);
        Assert.Empty(found);
        Assert.Equal(2, report.Payments);
    }

    [Fact]
    public async Task A_payment_that_no_withdrawal_has_made_is_extra()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        var id = await WithdrawnAsync(service, "Completed");
        await service.Database.ExecuteAsync("update read_models.withdrawals set payment_hash = '0x00' where withdrawal_id = $1", id);

        var found = (await ReconcileAsync(service)).Found;
        Assert.Contains(found, d => d.Kind is DifferenceKind.PaymentExtra && d.Since is not null);
    }

    [Fact]
    public async Task A_node_that_does_not_know_what_was_paid_misses_it_and_what_had_failed_need_not_be_there()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        await WithdrawnAsync(service, "Completed");
        await WithdrawnAsync(service, "Failed");
        await using var empty = await SandboxNode.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, service.Clock, Ct);

        var missing = (await ReconcileAsync(service, empty.Endpoint)).Found.Single(d => d.Kind is not DifferenceKind.InvoiceMissing);
        Assert.Equal((DifferenceKind.PaymentMissing, RunningService.App), (missing.Kind, missing.Tenant));
        Assert.Equal((UInt128)20_00000000, missing.Money?.Units);
    }

    [Fact]
    public async Task A_node_that_says_something_else_of_a_payment_differs()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        await WithdrawnAsync(service, "Completed");
        await using var liar = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "list_payments")
                {
                    result["payments"]![0]!["status"] = "Failed";
                }
                else if (method == "get_payment")
                {
                    result["status"] = "Failed";
                }
            },
            Ct);

        var found = (await ReconcileAsync(service, liar.InFrontOf(service.Node.Endpoint))).Found;
        Assert.Equal([DifferenceKind.PaymentDiffers], found.Select(d => d.Kind));
        Assert.Equal("the log has Succeeded, the node Failed", found[0].Detail);
    }

    /// <summary>The list is of before; asked again for the payment alone, the node says what the log has.</summary>
    [Fact]
    public async Task What_has_ended_since_the_list_was_made_is_no_difference()
    {
        await using var service = await RunningService.StartAsync();
        await service.GiveAsync(RunningService.App, "alice", "100");
        await WithdrawnAsync(service, "Completed");
        await using var slow = await LyingNode.StartAsync(
            (method, result) =>
            {
                if (method == "list_payments")
                {
                    result["payments"]![0]!["status"] = "Inflight";
                }
            },
            Ct);

        Assert.Empty((await ReconcileAsync(service, slow.InFrontOf(service.Node.Endpoint))).Found);
    }

    private static async Task<Guid> WithdrawnAsync(RunningService service, string stage)
    {
        var invoice = await service.Control.Payments.IssueAsync(new(20_00000000), Ct);
        if (stage == "Failed")
        {
            await service.Control.Payments.DecideAsync(invoice, Sandbox.Payments.PaymentEnding.Fails, "InvoiceCancelled", Ct);
        }

        var id = (await service.Client.WithdrawAsync("alice", "20", invoice, Ct)).Result.GetProperty("id").GetString()!;
        await service.StageIsAsync(id, stage);
        return Guid.Parse(id);
    }

    private static async Task<(ReconcileReport Report, List<Difference> Found)> ReconcileAsync(RunningService service, Uri? node = null)
    {
        await using var tools = service.Tools(s => node is null ? s : s with { NodeUrl = node });
        var found = new List<Difference>();
        var report = await tools.GetRequiredService<NodeReconciliation>().RunAsync(
            new(null, Repair: false),
            d =>
            {
                found.Add(d);
                return Task.CompletedTask;
            },
            Ct);
        return (report, found);
    }
}
