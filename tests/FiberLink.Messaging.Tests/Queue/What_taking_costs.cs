using System.Globalization;
using FiberLink.Testing;

namespace FiberLink.Messaging.Tests;

/// <summary>Counted in pages that the server touches, which is the same on every machine.</summary>
public sealed class What_taking_costs(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private const int Many = 100_000;

    private ServiceNode _node = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await messages.ResetAsync();

        // It would touch pages in between; and nobody has told the planner what is in the table.
        await messages.ExecuteAsync("alter table messaging.waiting set (autovacuum_enabled = false)");

        // What the server learned of another test's rows stays when they are gone, and misleads it about this one's.
        await messages.ExecuteAsync("delete from pg_statistic where starelid = 'messaging.waiting'::regclass");
        _node = await messages.Queue.JoinAsync("one", Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("scheduled", "null", "'demo'")]
    [InlineData("behind", "'a'", "'demo'")]
    [InlineData("ready", "null", "'demo'")]
    [InlineData("ready", "null", "'tenant-' || n % 1000")]
    [InlineData("ready", "null", "'demo'", "'note.v' || n % 10")]
    [InlineData("ready", "null", "'demo'", "'closed.v1'")]
    [InlineData("ready", "null", "'a-tenant-' || n % 1000", "'closed.v1'")]
    public async Task Does_not_grow_with_what_waits(string state, string key, string tenant, string name = "'note.v1'")
    {
        var alone = await PagesOfTakingAsync();
        await FillAsync(state, key, tenant, name);

        var among = await PagesOfTakingAsync();

        Assert.InRange(among, 0, alone + 1_000);
    }

    [Theory]
    [InlineData("scheduled", "null", "'demo'")]
    [InlineData("behind", "'a'", "'demo'")]
    [InlineData("ready", "null", "'demo'")]
    [InlineData("ready", "null", "'tenant-' || n % 1000")]
    public async Task Does_not_grow_once_the_server_has_looked_at_what_waits(string state, string key, string tenant)
    {
        var alone = await PagesOfTakingAsync();
        await FillAsync(state, key, tenant);

        // Now it knows that there are many, and must not think that all of them are taken at once.
        await messages.ExecuteAsync("vacuum analyze messaging.waiting");
        var among = await PagesOfTakingAsync();

        Assert.InRange(among, 0, alone + 1_000);
    }

    private Task FillAsync(string state, string key, string tenant, string name = "'note.v1'") =>
        messages.ExecuteAsync(
            $"""
            insert into messaging.waiting (message_id, name, tenant_id, body, due_at, state, ordering_key)
            select gen_random_uuid(), {name}, {tenant}, '{"{}"}', '2026-01-01 13:00Z', '{state}', {key}
              from generate_series(1, {Many}) as n;
            select pg_stat_force_next_flush()
            """);

    // The plans were made while the table was empty: so they are in a service that starts.
    private async Task<long> PagesOfTakingAsync()
    {
        for (var i = 0; i < 6; i++)
        {
            await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(dueAt: MessagesUnderTest.Noon.AddHours(-1))], Ct);
            var taken = await TakeAsync();
            await messages.CommitAsync([.. taken.Select(t => t.Marker)]);
        }

        var before = await PagesAsync();
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(dueAt: MessagesUnderTest.Noon.AddHours(-1))], Ct);
        var last = await TakeAsync();
        Assert.InRange(last.Count, 1, 16);
        await messages.CommitAsync([.. last.Select(t => t.Marker)]);
        return await PagesAsync() - before;
    }

    private Task<IReadOnlyList<WaitingMessage>> TakeAsync() =>
        messages.Queue.TakeAsync(
            _node,
            new(The_queue.LongLease, 16, long.MaxValue) { Rooms = [new("closed.v1", "closed.v1", 0)] },
            Ct);

    private async Task<long> PagesAsync()
    {
        // Sessions tell what they did when they end, and are gone from the list once they have told.
        messages.Database.Clear();
        await Eventually.HoldsAsync(
            "the others have told",
            async () => await messages.TextAsync(
                "select count(*)::text from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()") == "0",
            Ct);
        await messages.ExecuteAsync("select pg_stat_force_next_flush()");
        return long.Parse(
            await messages.TextAsync(
                """
                select coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0)
                  from pg_statio_user_tables where schemaname = 'messaging' and relname = 'waiting'
                """),
            CultureInfo.InvariantCulture);
    }
}
