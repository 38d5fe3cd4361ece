using System.Diagnostics;
using System.Runtime.CompilerServices;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>
/// An implementation that is not ours checks what we serve and sign (<c>tests/tlog-reference</c>): Go's <c>sumdb/tlog</c> and
/// <c>note</c>, of the Debian packages golang-go and golang-golang-x-mod-dev.
/// </summary>
public sealed class Go_s_own_packages(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private const string Origin = "hub.example/log";
    private const int Before = 300;
    private const int Events = 700;

    private readonly NoteSigner _signer = NoteSigner.Generate(Origin);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-tlog-");

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await log.ResetAsync();
        await WriteAsync();
    }

    public ValueTask DisposeAsync()
    {
        _signer.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Agree_with_our_checkpoints_tiles_and_proofs_and_with_nothing_that_was_changed_in_them()
    {
        var program = await BuildAsync();

        Assert.Equal((0, $"{Events} events, and {Before} before, and the one at 423\n", ""), await RunAsync(program));

        foreach (var name in new[]
        {
            "checkpoint", "before", "consistency", "between", "proof", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2",
        })
        {
            var file = Path.Combine(_folder.FullName, name);
            var bytes = await File.ReadAllBytesAsync(file, Ct);
            var at = name.StartsWith("tile", StringComparison.Ordinal) ? bytes.Length / 2 : Array.IndexOf(bytes, (byte)'\n') + 12;
            bytes[at] = (byte)(bytes[at] == 'A' ? 'B' : 'A');
            await File.WriteAllBytesAsync($"{file}.changed", bytes, Ct);
            File.Move(file, $"{file}.kept");
            File.Move($"{file}.changed", file);

            Assert.True((await RunAsync(program)).Code != 0, name);

            File.Move($"{file}.kept", file, overwrite: true);
        }
    }

    private async Task WriteAsync()
    {
        var book = new CheckpointBook(Database, Origin, null, TimeProvider.System);
        var before = await SignAsync(book, Before);
        var now = await SignAsync(book, Events - Before);
        var tree = new SealedTree(Database);
        var path = await tree.ConsistencyAsync(Before, Events, Ct);
        var consistency = path.Select(h => $"{Checkpoint.ToText(h)}\n");
        var @event = (await new SealedEvents(Database).ReadAsync(424, Ct))!;
        Assert.True(SignedNote.TryParse(now, out var note) & SignedNote.TryParse(before, out var older));
        var proof = new LogProof(@event.Form, 423, await tree.InclusionAsync(424, Events, Ct), note!);
        await SaveAsync("key", $"{_signer.Key}\n");
        await SaveAsync("checkpoint", now);
        await SaveAsync("before", before);
        await SaveAsync("consistency", $"old {Before}\n{string.Concat(consistency)}\n{now}");
        await SaveAsync("between", new ConsistencyProof(path, older!, note!).ToString());
        await SaveAsync("proof", proof.ToString());
        foreach (var address in new TileAddress[] { new(0, 0, 256), new(0, 1, 256), new(0, 2, Events - 512), new(1, 0, 2) })
        {
            await SaveAsync(address.ToString(), (await tree.ReadAsync(address, Ct))!);
        }
    }

    private async Task<string> SignAsync(CheckpointBook book, int events)
    {
        await log.Open(Sample.Catalogue).AppendAsync(Sample.Notes([.. Enumerable.Range(0, events).Select(n => $"ü {n}")]), Ct);
        await new LogSealer(Database).SealAsync(null, Ct);
        return (await book.SignAsync(_signer, null, Ct))!.Note;
    }

    private Task SaveAsync(string name, string text) => SaveAsync(name, System.Text.Encoding.UTF8.GetBytes(text));

    private Task SaveAsync(string name, byte[] bytes)
    {
        var file = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return File.WriteAllBytesAsync(file, bytes, Ct);
    }

    private async Task<string> BuildAsync()
    {
        var program = Path.Combine(_folder.FullName, "check");
        var source = Path.GetFullPath(Path.Combine(Here(), "..", "tlog-reference", "check.go"));
        var built = await RunAsync("go", "build", "-o", program, source);
        Assert.True(built.Code == 0, built.Errors);
        return program;
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string program) => RunAsync(program, _folder.FullName);

    private async Task<(int Code, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["GO111MODULE"] = "off",
                ["GOFLAGS"] = "",
                ["GOPATH"] = "/usr/share/gocode",
                ["GOCACHE"] = Path.Combine(_folder.FullName, "cache"),
            },
        };
        using var running = Process.Start(start)!;
        var output = running.StandardOutput.ReadToEndAsync(Ct);
        var errors = running.StandardError.ReadToEndAsync(Ct);
        await running.WaitForExitAsync(Ct);
        return (running.ExitCode, await output, await errors);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
