using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>They hold nothing, and do not stay.</summary>
public sealed class Claims_that_have_ended(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private EndedClaims Ended => new(Database, new ManualTime(Sample.Noon));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_removed_an_hour_later_and_no_other()
    {
        await ClaimAsync("long over", Sample.Noon.AddHours(-2));
        await ClaimAsync("over by an hour and a second", Sample.Noon.AddHours(-1).AddSeconds(-1));
        await ClaimAsync("just over", Sample.Noon.AddMinutes(-59));
        await ClaimAsync("held", Sample.Noon.AddMinutes(1));

        Assert.Equal(2, await Ended.PruneAsync(Ct));
        Assert.Equal(0, await Ended.PruneAsync(Ct));

        Assert.Equal(["held", "just over"], await KeysAsync());
        await ClaimAsync("long over", Sample.Noon.AddMinutes(1), holder: "tip-2");
        Assert.Equal(["held", "just over", "long over"], await KeysAsync());
    }

    [Fact]
    public async Task Wait_for_nobody_who_is_just_taking_one_over()
    {
        await ClaimAsync("over", Sample.Noon.AddDays(-1));
        await ClaimAsync("wanted again", Sample.Noon.AddDays(-1));

        await using (await Gate.AtAsync(Database, "select from event_store.claims where key = 'wanted again' for update"))
        {
            Assert.Equal(1, await Ended.PruneAsync(Ct));
        }

        Assert.Equal(["wanted again"], await KeysAsync());
    }

    private async Task ClaimAsync(string key, DateTimeOffset until, string holder = "tip-1") =>
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(
            Sample.Claiming(new("demo", "scope", key, holder, until), until.AddMinutes(-1)), Ct));

    private async Task<IReadOnlyList<string>> KeysAsync()
    {
        await using var command = Database.CreateCommand("select key from event_store.claims order by key");
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var keys = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            keys.Add(reader.GetString(0));
        }

        return keys;
    }
}
