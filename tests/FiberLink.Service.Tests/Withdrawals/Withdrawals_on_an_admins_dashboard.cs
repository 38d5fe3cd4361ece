using System.Text.Json;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Withdrawals;

public sealed class Withdrawals_on_an_admins_dashboard(OneService one) : IClassFixture<OneService>
{
    private const string Member = "9";

    private RunningService Service => one.Running;

    [Fact]
    public async Task They_are_chosen_by_state_and_are_no_tips()
    {
        var (client, other) = (await Service.NewCommunityAsync(), await Service.NewCommunityAsync());
        await using var operators = new OperatorsProcess(Service);
        await Service.EarnAsync(client, Member, "100");
        await operators.Rules.SetLimitsAsync(client.App, "CKB", new() { ApprovalAbove = new(10_00000000) }, "ann", "a plan", Ct)
            .IsDoneAsync();
        var paid = await RequestAsync(client, "10");
        await Service.StageIsAsync(paid, "Completed");
        var waiting = await RequestAsync(client, "20");
        var cancelled = await RequestAsync(client, "30");
        await operators.Withdrawals.CancelAsync(client.App, Guid.Parse(cancelled), "ann", "the member's wish", Ct).IsDoneAsync();

        Approved.Json(JsonSerializer.SerializeToElement(await ListAsync(client, "PENDING")), "Withdrawals_on_a_dashboard");
        Assert.Equal([waiting], Ids(await ListAsync(client, "PENDING")));
        Assert.Equal([cancelled, waiting, paid], Ids(await ListAsync(client, "ALL")));
        Assert.Equal([cancelled], Ids(await ListAsync(client, "FAILED")));
        foreach (var state in (string[])["LIQUIDITY_PENDING", "PROCESSING", "RETRY_PENDING"])
        {
            Assert.Empty(await ListAsync(client, state));
        }

        var completed = Assert.Single(await ListAsync(client, "COMPLETED"));
        Assert.Matches("^0x[0-9a-f]{64}$", completed.GetProperty("txHash").GetString());
        Assert.NotNull(completed.GetProperty("completedAt").GetString());
        Assert.Equal((paid, 0), (completed.GetProperty("id").GetString(), completed.GetProperty("retryCount").GetInt32()));

        Assert.Empty(await ListAsync(other, "ALL"));
        await Service.DashboardsAreCurrentAsync();
        var mine = await client.DashboardAsync(Member, Ct);
        Assert.Equal("20", mine.GetProperty("balances").GetProperty("locked").GetString()!.Split('.')[0]);
        Assert.Single(mine.GetProperty("tips").EnumerateArray());
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(SignedClient client, string state) =>
    [
        .. (await client.CallAsync(
            "dashboard.summary", new { userId = Member, includeAdmin = true, filters = new { withdrawalState = state } }, Ct))
            .Result.GetProperty("admin").GetProperty("withdrawals").EnumerateArray(),
    ];

    private static IEnumerable<string?> Ids(IEnumerable<JsonElement> rows) => rows.Select(r => r.GetProperty("id").GetString());

    private async Task<string> RequestAsync(SignedClient client, string amount)
    {
        var invoice = await Service.Control.Payments.IssueAsync(new(UInt128.Parse(amount) * 100_000_000), Ct);
        return (await client.WithdrawAsync(Member, amount, invoice, Ct)).Result.GetProperty("id").GetString()!;
    }
}
