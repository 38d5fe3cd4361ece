using System.Text.Json.Nodes;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>messages</c>, as processes, beside a service that runs.</summary>
public sealed class Looking_after_messages
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_who_works_and_what_waits_and_wants_a_reason_for_what_is_decided()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var nothing = Guid.NewGuid().ToString();

        var status = await folder.JsonAsync(Ct, "messages", "status");
        Assert.Single((JsonArray)status["nodes"]!);
        Assert.Contains("IN HAND", await folder.DoAsync(Ct, "messages", "status"), StringComparison.Ordinal);
        Assert.Contains("LAST ERROR", await folder.DoAsync(Ct, "messages", "list", "--state", "dead"), StringComparison.Ordinal);
        await AssertEndsAsync(folder, 2, "--state takes one of", "messages", "list", "--state", "lost");
        await AssertEndsAsync(folder, 1, "No message", "messages", "show", nothing);
        await AssertEndsAsync(folder, 2, "--reason", "messages", "replay", nothing);
        await AssertEndsAsync(folder, 2, "--reason takes a text", "messages", "replay", nothing, "--reason", " ");
        await AssertEndsAsync(folder, 2, "by its id, or several", "messages", "discard", "--reason", "x");
        await AssertEndsAsync(folder, 2, "by its id, or several", "messages", "discard", nothing, "--name", "n", "--reason", "x");
        await AssertEndsAsync(folder, 1, "There is no message", "messages", "discard", nothing, "--reason", "x");
        Assert.Contains(
            "nothing was done",
            await folder.DoAsync(Ct, "messages", "replay", "--name", "none.v1", "--reason", "x"),
            StringComparison.Ordinal);
    }

    private static async Task AssertEndsAsync(DevFolder folder, int exitCode, string says, params string[] arguments)
    {
        var ended = await folder.RunAsync(Ct, arguments);
        Assert.True(ended.ExitCode == exitCode, $"It ended with {ended.ExitCode}: {ended.Output} {ended.Errors}");
        Assert.Contains(says, ended.Output + ended.Errors, StringComparison.Ordinal);
    }
}
