using FiberLink.Testing;

namespace FiberLink.Postgres.Tests;

public sealed class Holding_an_advisory_lock
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_taker_gets_nothing_until_the_first_lets_go()
    {
        await using var db = await TestDatabase.CreateAsync();
        var first = await AdvisoryLock.TryTakeAsync(db.DataSource, "watcher", Ct);
        Assert.NotNull(first);

        Assert.Null(await AdvisoryLock.TryTakeAsync(db.DataSource, "watcher", Ct));
        Assert.True(await first.IsStillHeldAsync(Ct));
        await first.DisposeAsync();

        await using var next = await AdvisoryLock.TryTakeAsync(db.DataSource, "watcher", Ct);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Other_names_are_other_locks()
    {
        await using var db = await TestDatabase.CreateAsync();
        await using var one = await AdvisoryLock.TryTakeAsync(db.DataSource, "watcher", Ct);
        await using var other = await AdvisoryLock.TryTakeAsync(db.DataSource, "daemon", Ct);

        Assert.NotNull(one);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task A_holder_whose_session_is_killed_has_lost_it_and_knows()
    {
        await using var db = await TestDatabase.CreateAsync();
        await using var held = await AdvisoryLock.TryTakeAsync(db.DataSource, "watcher", Ct);
        Assert.NotNull(held);

        await using (var kill = db.DataSource.Command("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' "
            + "and granted and database = (select oid from pg_database where datname = current_database())"))
        {
            await kill.ExecuteNonQueryAsync(Ct);
        }

        AdvisoryLock? taken = null;
        await Eventually.HoldsAsync(async () => (taken = await AdvisoryLock.TryTakeAsync(db.DataSource, "watcher", Ct)) is not null);
        await using var next = taken;
        Assert.False(await held.IsStillHeldAsync(Ct));
        Assert.False(await held.IsStillHeldAsync(Ct));
        Assert.True(await next!.IsStillHeldAsync(Ct));
    }

    [Fact]
    public void The_key_of_a_name_never_changes() =>
        Assert.Equal(unchecked((long)0xBA7816BF8F01CFEA), AdvisoryKey.Of("abc")); // The published SHA-256 of "abc".
}
