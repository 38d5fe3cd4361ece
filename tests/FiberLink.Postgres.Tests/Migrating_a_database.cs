using FiberLink.Testing;
using Npgsql;

namespace FiberLink.Postgres.Tests;

public sealed class Migrating_a_database
{
    private static readonly Migration First = new("0001_first", "create table first (id int); create table also_first (id int);");
    private static readonly Migration Second = new("0002_second", "alter table first add column name text");
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applies_what_is_missing_in_the_order_of_the_ids()
    {
        await using var db = await TestDatabase.CreateAsync();

        Assert.Equal([First.Id, Second.Id], await Migrations.ApplyAsync(db.DataSource, [Second, First], Ct));
        Assert.Equal(0L, await CountAsync(db, "select count(*) from first where name = ''"));
    }

    [Fact]
    public async Task Applying_twice_does_nothing_the_second_time()
    {
        await using var db = await TestDatabase.CreateAsync();
        await Migrations.ApplyAsync(db.DataSource, [First], Ct);

        Assert.Equal([], await Migrations.ApplyAsync(db.DataSource, [First], Ct));
        Assert.Equal([Second.Id], await Migrations.ApplyAsync(db.DataSource, [First, Second], Ct));
    }

    [Fact]
    public async Task A_changed_text_is_refused_by_name_and_nothing_else_is_applied()
    {
        await using var db = await TestDatabase.CreateAsync();
        await Migrations.ApplyAsync(db.DataSource, [First], Ct);

        var refused = await Assert.ThrowsAsync<MigrationException>(
            () => Migrations.ApplyAsync(db.DataSource, [First with { Sql = "select 1" }, Second], Ct));

        Assert.Equal(First.Id, refused.MigrationId);
        Assert.Contains(First.Id, refused.Message, StringComparison.Ordinal);
        Assert.Equal([Second.Id], (await Migrations.AssertAsync(db.DataSource, [First, Second], Ct)).Missing);
    }

    [Fact]
    public async Task Line_endings_are_not_a_change()
    {
        await using var db = await TestDatabase.CreateAsync();
        await Migrations.ApplyAsync(db.DataSource, [First with { Sql = "select 1;\nselect 2" }], Ct);

        Assert.Equal([], await Migrations.ApplyAsync(db.DataSource, [First with { Sql = "select 1;\r\nselect 2" }], Ct));
    }

    [Fact]
    public async Task A_failing_migration_leaves_no_half_and_keeps_the_ones_before_it()
    {
        await using var db = await TestDatabase.CreateAsync();
        var failing = new Migration("0002_failing", "create table half (id int); select 1/0;");

        var failed = await Assert.ThrowsAsync<MigrationException>(
            () => Migrations.ApplyAsync(db.DataSource, [First, failing, new("0003_never", "select 1")], Ct));

        Assert.Equal(failing.Id, failed.MigrationId);
        Assert.Equal(0L, await CountAsync(db, "select count(*) from pg_class where relname = 'half'"));
        Assert.Equal([failing.Id], (await Migrations.AssertAsync(db.DataSource, [First, failing], Ct)).Missing);
    }

    [Fact]
    public async Task A_migration_that_cannot_be_recorded_is_not_applied()
    {
        await using var db = await TestDatabase.CreateAsync();
        var unrecordable = new Migration("0001_unrecordable", "create table half (id int); drop table fiberlink.schema_migrations;");

        await Assert.ThrowsAsync<MigrationException>(() => Migrations.ApplyAsync(db.DataSource, [unrecordable], Ct));

        Assert.Equal(0L, await CountAsync(db, "select count(*) from pg_class where relname = 'half'"));
    }

    [Fact]
    public async Task The_lock_is_free_again_after_a_failure()
    {
        await using var db = await TestDatabase.CreateAsync();
        await Assert.ThrowsAsync<MigrationException>(
            () => Migrations.ApplyAsync(db.DataSource, [new("0001_failing", "select 1/0")], Ct));

        // Asked from outside the pool, which would reset the session that failed before it asks.
        await using var outside = new NpgsqlConnection(db.ConnectionString + ";Pooling=false");
        await outside.OpenAsync(Ct);
        await using var locks = outside.Command("select count(*) from pg_locks where locktype = 'advisory' and database = "
            + "(select oid from pg_database where datname = current_database())");
        Assert.Equal(0L, await locks.ExecuteScalarAsync(Ct));
    }

    [Fact]
    public async Task Two_that_start_at_once_apply_each_migration_once()
    {
        await using var db = await TestDatabase.CreateAsync();

        // The first one holds the lock while its migration waits for the table that we keep locked; the second must wait for it.
        await Migrations.ApplyAsync(db.DataSource, [First], Ct);
        await using var obstacle = await UnitOfWork.BeginAsync(db.DataSource, Ct);
        await using (var take = obstacle.Command("lock table first in access exclusive mode"))
        {
            await take.ExecuteNonQueryAsync(Ct);
        }

        var one = Migrations.ApplyAsync(db.DataSource, [First, Second], Ct);
        await WaitersAsync(db, 1);
        var other = Migrations.ApplyAsync(db.DataSource, [First, Second], Ct);
        await WaitersAsync(db, 2);
        await obstacle.CommitAsync(Ct);

        Assert.Equal([Second.Id], await one);
        Assert.Equal([], await other);
    }

    [Fact]
    public async Task The_difference_names_what_is_missing_changed_and_unknown_and_changes_nothing()
    {
        await using var db = await TestDatabase.CreateAsync();
        Assert.Equal([First.Id], (await Migrations.AssertAsync(db.DataSource, [First], Ct)).Missing);
        Assert.Equal(0L, await CountAsync(db, "select count(*) from pg_namespace where nspname = 'fiberlink'"));

        await Migrations.ApplyAsync(db.DataSource, [First, Second], Ct);
        Assert.True((await Migrations.AssertAsync(db.DataSource, [First, Second], Ct)).IsCurrent);

        var third = new Migration("0003_third", "select 1");
        var difference = await Migrations.AssertAsync(db.DataSource, [First with { Sql = "select 2" }, third], Ct);
        Assert.Equal($"missing: {third.Id}; changed: {First.Id}; unknown: {Second.Id}", difference.ToString());
        Assert.False(difference.IsCurrent);
    }

    [Fact]
    public async Task One_id_for_two_migrations_is_a_programming_error()
    {
        await using var db = await TestDatabase.CreateAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Migrations.ApplyAsync(db.DataSource, [First, Second with { Id = First.Id }], Ct));
    }

    private static Task WaitersAsync(TestDatabase db, long count) =>
        Eventually.HoldsAsync(async () => await CountAsync(
            db, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == count);

    private static async Task<long> CountAsync(TestDatabase db, string sql)
    {
        await using var command = db.DataSource.Command(sql);
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }
}
