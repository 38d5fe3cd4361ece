using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>It says why, and the live tables are as they were.</summary>
public sealed class A_rebuild_that_cannot_be_done(TalliedNotes notes) : IClassFixture<TalliedNotes>, IAsyncLifetime
{
    private readonly TallyScene _scene = new(notes.Database, ProjectionLifecycle.Async);

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(1, 300, 300)]
    [InlineData(1, 2_900, 2_700)]
    [InlineData(1, 2_900, 1)]
    [InlineData(3, 2_900, 1_321)]
    public async Task Because_of_an_event_names_it_and_goes_on_when_it_is_mended(int parallel, int count, long poisonous)
    {
        _scene.Tally.IsByStream = true;
        await _scene.LiveAsync(count);
        await Database.ExecuteAsync(
            $"update event_store.mt_events set data = jsonb_set(data, '{{text}}', '\"poison\"') where seq_id = {poisonous}");
        var (rows, table) = (await _scene.RowsAsync(), await _scene.TableIdAsync());

        for (var again = 0; again < 2; again++)
        {
            var stopped = Assert.IsType<RebuildOutcome.CannotShow>(await _scene.RebuildAsync(parallel));
            Assert.Equal(poisonous, stopped.Position);
            Assert.Contains("shows_no_poison", stopped.Reason, StringComparison.Ordinal);
            Assert.Equal(table, await _scene.TableIdAsync());
            Assert.Equal(rows, await _scene.RowsAsync());
        }

        Assert.Equal(poisonous, Assert.IsType<VerifyOutcome.CannotShow>(await VerifyAsync()).Position);
        await Database.ExecuteAsync(
            $"update event_store.mt_events set data = jsonb_set(data, '{{text}}', '\"mended\"') where seq_id = {poisonous}");
        Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync(parallel));
        await _scene.AssertShowsTheLogOnceAsync();
    }

    [Fact]
    public async Task Because_an_event_cannot_be_read_keeps_what_comes_before_it()
    {
        await _scene.LiveAsync(2_900);
        await Database.ExecuteAsync("update event_store.mt_events set type = 'unheard.v1' where seq_id = 2500");

        var stopped = Assert.IsType<RebuildOutcome.CannotShow>(await _scene.RebuildAsync());

        Assert.Equal(2_500, stopped.Position);
        Assert.Contains("unheard.v1", stopped.Reason, StringComparison.Ordinal);
        Assert.Equal("2499", await Database.TextAsync("select position from event_store.generation_progress"));
        await Database.ExecuteAsync("update event_store.mt_events set type = 'noted.v1' where seq_id = 2500");
        Assert.Equal(2_499, Assert.IsType<RebuildOutcome.TookOver>(await _scene.RebuildAsync()).ResumedAt);
        await _scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData(20)]
    [InlineData(2_000)]
    public async Task Because_a_statement_does_not_say_its_schema_never_finds_a_live_table(int count)
    {
        await _scene.LiveAsync(count);
        await Database.ExecuteAsync("create table if not exists public.notes (position bigint, text text)");
        _scene.Tally.Notes = "notes";
        var rows = await _scene.RowsAsync();

        var refused = Assert.IsType<RebuildOutcome.NotRebuildable>(await _scene.RebuildAsync());

        Assert.Contains("\"notes\" does not exist", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("notes", Assert.IsType<VerifyOutcome.NotRebuildable>(await VerifyAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal(rows, await _scene.RowsAsync());
        Assert.Equal("0", await Database.TextAsync("select count(*) from public.notes"));
    }

    [Theory]
    [InlineData("select from public.elsewhere", "public")]
    [InlineData("delete from \"event_store\" . mt_streams", "event_store")]
    [InlineData("select from Event_Store.claims", "event_store")]
    public async Task Because_a_statement_names_another_schema_says_which(string sql, string schema)
    {
        await _scene.LiveAsync(20);
        _scene.Tally.Before = sql;

        var refused = Assert.IsType<RebuildOutcome.NotRebuildable>(await _scene.RebuildAsync());

        Assert.Contains($"the schema {schema},", refused.Reason, StringComparison.Ordinal);
        await _scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData("delete from SHOWN.notes")]
    [InlineData("delete from \"shown\".notes")]
    [InlineData("delete from shown /* shown.here */ . notes")]
    public async Task However_a_statement_writes_the_schema_the_live_table_is_not_touched(string sql)
    {
        await _scene.LiveAsync(20);
        _scene.Tally.Before = sql;

        var verified = await VerifyAsync();

        Assert.True(verified is VerifyOutcome.Compared or VerifyOutcome.NotRebuildable);
        await _scene.AssertShowsTheLogOnceAsync();
    }

    [Theory]
    [InlineData("select 'it''s event_store.x', e.position from shown.notes as e where e.text = 'public.y' -- public.z")]
    [InlineData("select public.position from shown.notes as \"public\" /* event_store.x */ where false")]
    public async Task Texts_comments_and_columns_are_no_schemas(string sql)
    {
        await _scene.LiveAsync(20);
        _scene.Tally.Before = sql;

        var done = await _scene.RebuildAsync();

        Assert.True(sql.Contains("as \"public\"", StringComparison.Ordinal)
            ? done is RebuildOutcome.NotRebuildable
            : done is RebuildOutcome.TookOver);
    }

    [Fact]
    public async Task Because_its_scripts_do_not_make_its_tables_says_so()
    {
        var tables = TalliedNotes.Tables;
        Assert.Contains(
            "notes, and it says", await ReasonAsync(tables with { Migrations = [tables.Migrations[0]] }), StringComparison.Ordinal);
        Assert.Contains("counts, notes, and", await ReasonAsync(tables with { Names = ["notes"] }), StringComparison.Ordinal);
        Assert.Contains(
            "cannot be made",
            await ReasonAsync(tables with { Migrations = [.. tables.Migrations, new("9002", "alter table nowhere add x int")] }),
            StringComparison.Ordinal);
        Assert.Contains(
            "no primary key",
            await ReasonAsync(tables with { Schema = "shown", NotFromEvents = [new("absent", "seen")] }),
            StringComparison.Ordinal);
        Assert.Equal("0", await Database.TextAsync("select count(*) from event_store.generations where state = 'live'"));
    }

    [Fact]
    public async Task Because_somebody_else_goes_on_with_it_who_thought_it_was_left_writes_nothing_twice()
    {
        await _scene.LiveAsync(1_000);
        _scene.Tally.Before = WaitingProjection.Hold;
        Task<RebuildOutcome> first, second;
        await using (await Gate.AtAsync(Database, WaitingProjection.Hold))
        {
            first = _scene.RebuildAsync();
            await Eventually.HoldsAsync("it is in the first page", async () => await Database.WaitingSessionsAsync() == 1, Ct);

            // The session that says who rebuilds is lost; the one that writes is not.
            var key = AdvisoryKey.Of("rebuild/Tally");
            Assert.Equal("True", await Database.TextAsync(
                $"""
                select pg_terminate_backend(pid) from pg_locks
                 where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
                   and classid::bigint = {key >> 32 & 0xFFFFFFFF} and objid::bigint = {key & 0xFFFFFFFF}
                """));
            await Eventually.HoldsAsync(
                "the lock is free",
                async () =>
                {
                    await using var free = await AdvisoryLock.TryTakeAsync(Database, "rebuild/Tally", Ct);
                    return free is not null;
                },
                Ct);
            second = _scene.RebuildAsync();
            await Eventually.HoldsAsync("the other waits for it", async () => await Database.WaitingSessionsAsync() == 2, Ct);
        }

        RebuildOutcome[] outcomes = [await first, await second];
        Assert.Single(outcomes.OfType<RebuildOutcome.TookOver>());
        Assert.Single(outcomes.OfType<RebuildOutcome.AlreadyRunning>());
        await _scene.AssertShowsTheLogOnceAsync();
    }

    private async Task<string> ReasonAsync(ReadModelTables tables) =>
        Assert.IsType<RebuildOutcome.NotRebuildable>(
            await _scene.Rebuild.RunAsync(_scene.Model with { Tables = tables }, new(), null, Ct)).Reason;

    private Task<VerifyOutcome> VerifyAsync() =>
        new ProjectionVerification(Database, _scene.Store(), TimeProvider.System).RunAsync(_scene.Model, new(), null, Ct);
}
