using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace FiberLink.Chain.Tests;

/// <summary>Another implementation of CKB, in a process of its own (<c>tests/ckb-reference</c>): asked many questions at once.</summary>
internal static class CkbReference
{
    /// <summary>The answers, in the order of the questions; one that it refuses is null.</summary>
    public static async Task<IReadOnlyList<JsonNode?>> AskAsync(IEnumerable<JsonObject> questions, CancellationToken ct)
    {
        var folder = Path.GetFullPath(Path.Combine(Here(), "..", "ckb-reference"));
        Assert.True(
            Directory.Exists(Path.Combine(folder, "node_modules")), $"Its packages are missing: npm --prefix {folder} install");
        using var node = Process.Start(new ProcessStartInfo("node", Path.Combine(folder, "answer.mjs"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var said = node.StandardError.ReadToEndAsync(ct);
            var asking = WriteAsync(node.StandardInput, questions, ct);
            var answers = new List<JsonNode?>();
            while (await node.StandardOutput.ReadLineAsync(ct) is { } line)
            {
                answers.Add(JsonNode.Parse(line)!["answer"]);
            }

            var count = await asking;
            Assert.True(count == answers.Count, $"{answers.Count} of {count} questions were answered. {await said}");
            return answers;
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<int> WriteAsync(StreamWriter input, IEnumerable<JsonObject> questions, CancellationToken ct)
    {
        var count = 0;
        foreach (var question in questions)
        {
            await input.WriteLineAsync(question.ToJsonString().AsMemory(), ct);
            count++;
        }

        input.Close();
        return count;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
