using System.Security.Cryptography;
using FiberLink.EventStore.Rebuilding;

namespace FiberLink.Projections.Tests;

/// <summary>A read model as of a position is what it was when the log ended there.</summary>
public sealed class Replaying_to_any_point(ReadModelsUnderTest live) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private const int Tips = 60;

    private readonly string _folder = Directory.CreateTempSubdirectory($"fiberlink-test-of-{Environment.ProcessId}-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. ReadModels.All.Select(m => m.Projection.Name)];

    public async ValueTask InitializeAsync() => await live.ResetAsync();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Gives_the_rows_that_were_there_then(string name)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue - 10);
        TestContext.Current.SendDiagnosticMessage("The seed is {0}.", seed);
        var history = RandomHistory.Of(seed, Tips);
        await live.LiveAsync(history.Take(history.Count / 2), Ct);
        var position = await live.Store.ReadHeadAsync(Ct);
        var then = await ReplayAsync(name, position, "then");
        await live.LiveAsync(history.Skip(history.Count / 2), Ct);

        var later = await ReplayAsync(name, position, "later");

        Assert.Equal(then.Files.Select(f => (f.Rows, f.Sha256)), later.Files.Select(f => (f.Rows, f.Sha256)));
        Assert.Equal(position, later.Position);
        foreach (var file in later.Files)
        {
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file.Path, Ct))));
        }

        var nothing = await ReplayAsync(name, 0, "nothing");
        Assert.All(nothing.Files, f => Assert.Equal((0, 1), (f.Rows, File.ReadAllLines(f.Path).Length)));
        Assert.Empty(await live.TextsAsync("select nspname::text from pg_namespace where nspname like 'read_models_next_%'", Ct));
    }

    [Fact]
    public async Task Counts_rows_and_not_lines_of_text()
    {
        var tip = new Tip("ali\n\"ce\"\n😀", "bob", 5);
        await live.LiveAsync([tip.Happens(tip.Requested, tip.Issued)], Ct);

        var file = (await ReplayAsync("TipActivity", 2, "texts")).Files[0];

        Assert.Equal(1, file.Rows);
        Assert.Contains("\"ali\n\"\"ce\"\"\n😀\"", await File.ReadAllTextAsync(file.Path, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overwrites_nothing_and_goes_no_further_than_the_log()
    {
        await live.LiveAsync(RandomHistory.Of(1, 3), Ct);
        await ReplayAsync("TipStatus", 1, "once");

        var there = await Assert.ThrowsAsync<IOException>(() => ReplayAsync("TipStatus", 1, "once"));
        Assert.Contains("is there already", there.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReplayAsync("TipStatus", 1_000_000, "far"));
    }

    private async Task<ReplayOutcome.Written> ReplayAsync(string name, long position, string folder) =>
        Assert.IsType<ReplayOutcome.Written>(
            await new ProjectionReplay(live.Database, live.Store, TimeProvider.System).RunAsync(
                ReadModels.All.Single(m => m.Projection.Name == name), position, Path.Combine(_folder, folder), null, Ct));
}
