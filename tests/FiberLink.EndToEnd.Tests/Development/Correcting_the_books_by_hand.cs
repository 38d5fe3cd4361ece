namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>adjust</c>, as processes, as its runbook has it.</summary>
public sealed class Correcting_the_books_by_hand
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_two_persons_each_way()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        string[] ann = ["--by", "ann", "--reason", "ticket 77"];
        string[] bob = ["--by", "bob", "--reason", "compared"];
        string[] request = ["adjust", "request", "--app", "demo", "--from", "capital", "--to", "member:9", "--amount"];

        await folder.EndsAsync(
            2, "is no account. There are member:ID", [.. request[..4], "--from", "held", .. request[6..], "1", .. ann]);
        await folder.EndsAsync(2, "is no amount of CKB", [.. request, "1e3", .. ann]);
        await folder.EndsAsync(1, "--new-member", [.. request, "40.5", .. ann]);
        var id = (string)(await folder.JsonAsync(Ct, [.. request, "40.5", "--new-member", .. ann]))["id"]!;
        await folder.EndsAsync(1, "Another person must", ["adjust", "approve", id, .. ann]);
        await folder.EndsAsync(0, $"approved: {id} (Posted)", ["adjust", "approve", id, .. bob]);
        await folder.EndsAsync(0, "40.5", "balance", "demo", "9");

        await folder.EndsAsync(0, "(ReversalRequested)", ["adjust", "reverse", id, .. bob]);
        Assert.Equal(id, (string)(await folder.JsonAsync(Ct, "adjust", "list", "--state", "reversal-requested"))[0]!["id"]!);
        await folder.EndsAsync(0, $"approved: {id} (Reversed)", ["adjust", "approve", id, .. ann]);
        var shown = await folder.DoAsync(Ct, "adjust", "show", $"adjustment-{id}");
        Assert.Contains("member:9", shown, StringComparison.Ordinal);
        Assert.Contains("operator:bob", shown, StringComparison.Ordinal);
        foreach (var name in new[] { id, $"adjustment-{id}", $"adjustment-{id.Replace("-", "", StringComparison.Ordinal)}" })
        {
            await folder.EndsAsync(0, "adjustment.requested.v1", "events", "stream", name);
        }

        await folder.EndsAsync(2, "'x' is no id: write that of the adjustment", "adjust", "show", "x");
        await folder.FailsAsync(2, "There is no community 'Demo'", "balance", "Demo", "9");
        await folder.EndsAsync(0, "HubCapital", "ledger", "trial-balance", "demo");
    }
}
