using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>withdrawals</c> and <c>payouts</c>, as processes, beside a service that runs.</summary>
public sealed class Looking_after_withdrawals
{
    private static readonly string[] Words = ["--by", "ann", "--reason", "a good one"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_operators_decide_reaches_the_service_that_pays()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        await EarnAsync(folder, "100");
        await folder.DoAsync(Ct, ["payouts", "limits", "--app", "demo", "--asset", "CKB", "--approval-above", "10", .. Words]);

        var id = await RequestAsync(folder);
        Assert.Contains("approval", await folder.DoAsync(Ct, "withdrawals", "list", "--needs-approval"), StringComparison.Ordinal);
        await folder.EndsAsync(1, "whoever asks cannot agree", "withdrawals", "approve", id, "--by", "9", "--reason", "mine");
        await folder.EndsAsync(0, $"held back: {id}", ["withdrawals", "hold", id, .. Words]);
        await folder.EndsAsync(0, "held back by ann since", ["withdrawals", "approve", id, .. Words]);
        await folder.EndsAsync(1, "It is held back: release it", ["withdrawals", "retry", id, .. Words]);
        Assert.Contains("a good one", await folder.DoAsync(Ct, "withdrawals", "show", id), StringComparison.Ordinal);
        await folder.EndsAsync(0, $"released: {id}", ["withdrawals", "release", id, .. Words]);

        await Eventually.HoldsAsync(
            "it is complete",
            async () => (string?)(await folder.JsonAsync(Ct, "withdrawals", "show", id))["stage"] == "Completed",
            Ct);
        var shown = await folder.JsonAsync(Ct, "withdrawals", "show", id);
        Assert.Equal(
            ["withdrawal.requested.v1", "withdrawal.held_back.v1", "withdrawal.approved.v1", "withdrawal.released.v1"],
            shown["timeline"]!.AsArray().Take(4).Select(e => (string?)e!["name"]));
        Assert.Equal("operator:ann", (string?)shown["timeline"]![1]!["actor"]);
        await folder.EndsAsync(1, "it is complete", ["withdrawals", "cancel", id, .. Words]);
        Assert.Single((await folder.JsonAsync(Ct, "withdrawals", "list", "--state", "completed", "--member", "9")).AsArray());
    }

    [Fact]
    public async Task Withdrawals_are_stopped_and_let_go()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);

        await folder.EndsAsync(0, "paused.", ["payouts", "pause", "--asset", "CKB", .. Words]);
        await folder.EndsAsync(0, "nothing was done", ["payouts", "pause", "--asset", "CKB", .. Words]);
        await folder.EndsAsync(0, "denied.", ["payouts", "deny", "--member", "13", "--app", "demo", .. Words]);
        var rules = await folder.DoAsync(Ct, "payouts", "rules", "--app", "demo");
        Assert.Matches("everywhere +withdrawals of CKB .*a good one", rules);
        Assert.Matches("demo +member 13 ", rules);
        await folder.EndsAsync(0, "resumed.", ["payouts", "resume", "--asset", "CKB", .. Words]);
        await folder.EndsAsync(0, "readmitted.", ["payouts", "readmit", "--member", "13", "--app", "demo", .. Words]);
        Assert.Contains("Nothing is stopped.", await folder.DoAsync(Ct, "payouts", "rules"), StringComparison.Ordinal);

        await folder.EndsAsync(2, "--reason", "payouts", "pause", "--by", "ann");
        await folder.EndsAsync(2, "Say who decides it", "payouts", "pause", "--by", " ", "--reason", "x");
        await folder.EndsAsync(2, "either a --member or a --destination", ["payouts", "deny", .. Words]);
        await folder.EndsAsync(1, "neither an invoice nor an address", ["payouts", "deny", "--destination", "ckt1q", .. Words]);
        await folder.EndsAsync(1, "no community 'club'", ["payouts", "pause", "--app", "club", .. Words]);
        string[] limits = ["payouts", "limits", "--app", "demo", "--asset", "CKB", .. Words];
        await folder.EndsAsync(2, "at least one limit", limits);
        await folder.EndsAsync(2, "is no amount of CKB", [.. limits, "--request-max", "1e3"]);
        await folder.EndsAsync(2, "whole seconds", [.. limits, "--cooldown", "500ms"]);
        await folder.EndsAsync(1, "request-max must be more than zero", [.. limits, "--request-max", "0"]);
        await folder.EndsAsync(0, "set.", [.. limits, "--request-max", "99.5", "--approval-above", "0", "--cooldown", "1m"]);
        await folder.EndsAsync(0, "set.", [.. limits, "--approval-above", "none"]);
        var set = (await folder.JsonAsync(Ct, "payouts", "rules"))["limits"]![0]!;
        Assert.Equal(("99.5", null, 60), ((string?)set["requestMax"], (string?)set["approvalAbove"], (int)set["cooldownSeconds"]!));
        await folder.EndsAsync(1, "There is no withdrawal", "withdrawals", "show", Guid.NewGuid().ToString());
        await folder.EndsAsync(2, "--limit takes", "withdrawals", "list", "--limit", "0");
    }

    private static async Task EarnAsync(DevFolder folder, string amount)
    {
        var tip = await folder.TipAsync("earned", amount, Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", tip);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(tip, Ct) == "SETTLED", Ct);
    }

    private static async Task<string> RequestAsync(DevFolder folder) => (await folder.WithdrawFiftyAsync(Ct)).Id;
}
