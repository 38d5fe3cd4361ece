using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace FiberLink.Chain.Tests;

/// <summary>Another implementation of CKB, in a process of its own (<c>tests/ckb-reference</c>): asked many questions at once.</summary>
public sealed class CkbReference : IAsyncDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Process _node;
    private readonly Task<string> _complaints;

    public CkbReference()
    {
        var folder = Path.GetFullPath(Path.Combine(Here(), "..", "ckb-reference"));
        Assert.True(
            Directory.Exists(Path.Combine(folder, "node_modules")), $"Its packages are missing: npm --prefix {folder} install");
        _node = Process.Start(new ProcessStartInfo("node", Path.Combine(folder, "answer.mjs"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _complaints = _node.StandardError.ReadToEndAsync();
    }

    /// <summary>The answers, in the order of the questions; one that it refuses is null.</summary>
    public async Task<IReadOnlyList<JsonNode?>> AskAsync(IEnumerable<JsonObject> questions, CancellationToken ct)
    {
        string[] lines = [.. questions.Select(q => q.ToJsonString())];
        await _oneAtATime.WaitAsync(ct);
        try
        {
            var asking = WriteAsync(lines, ct);
            var answers = new List<JsonNode?>(lines.Length);
            while (answers.Count < lines.Length)
            {
                var answer = await _node.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException(await _complaints);
                answers.Add(JsonNode.Parse(answer)!["answer"]);
            }

            await asking;
            return answers;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync();
        _node.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task WriteAsync(string[] lines, CancellationToken ct)
    {
        foreach (var line in lines)
        {
            await _node.StandardInput.WriteLineAsync(line.AsMemory(), ct);
        }

        await _node.StandardInput.FlushAsync(ct);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
