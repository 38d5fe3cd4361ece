using System.Globalization;

namespace FiberLink.Messaging.Tests;

/// <summary>How much waits is known at a cost that is the same however much it is: counted in rows that the server reads.</summary>
public sealed class How_much_waits(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private const int Many = 120_000;

    private static readonly string[] States = ["scheduled", "ready", "behind", "dead"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Is_an_estimate_when_it_is_much_and_costs_no_more_than_that()
    {
        await messages.ExecuteAsync(
            $"""
            insert into messaging.waiting (message_id, name, tenant_id, body, due_at, state, ordering_key)
            select gen_random_uuid(), 'note.v' || n % 3, 'tenant-' || n % 2, '{"{}"}', '2026-01-01 13:00Z',
                   (array['scheduled', 'ready', 'behind'])[n % 3 + 1], case n % 3 when 2 then 'a' end
              from generate_series(0, {Many - 1}) as n;
            insert into messaging.dead_letters (message_id, name, tenant_id, body, created_at, attempts)
            select gen_random_uuid(), 'note.v1', 'demo', '{"{}"}', now(), 30 from generate_series(1, {Many}) as n;
            update messaging.waiting set due_at = '2025-01-01' where message_id = (select message_id from messaging.waiting
                where state = 'ready' and tenant_id = 'tenant-1' limit 1);
            select pg_stat_force_next_flush()
            """);
        var before = await RowsReadAsync();

        var backlog = await messages.Queue.BacklogAsync(10, Ct);

        Assert.InRange(await RowsReadAsync() - before, 1, Many / 2 * 3);
        Assert.Equal(7, backlog.Count);
        Assert.All(backlog, b => Assert.True(b.IsEstimated));
        Assert.All(States.SkipLast(1), state => Assert.InRange(backlog.Where(b => b.State == state).Sum(b => b.Count), 32_000, 48_000));
        Assert.InRange(backlog.Single(b => b.State == "dead").Count, 96_000, 144_000);
        var oldest = backlog.Single(b => b is { State: "ready", Tenant: "tenant-1" });
        Assert.Equal(new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), oldest.OldestDueAt);
    }

    [Fact]
    public async Task Is_counted_up_to_a_bound()
    {
        await messages.ExecuteAsync(
            $"""
            insert into messaging.waiting (message_id, name, tenant_id, body, due_at, state)
            select gen_random_uuid(), 'note.v1', 'demo', '{"{}"}', '2026-01-01 13:00Z', 'ready'
              from generate_series(1, {Backlog.CountedMax})
            """);

        var counted = Assert.Single(await messages.Queue.BacklogAsync(10, Ct));

        Assert.Equal((Backlog.CountedMax, false), (counted.Count, counted.IsEstimated));
    }

    private async Task<long> RowsReadAsync()
    {
        // Sessions tell what they did when they are asked to, or when they end.
        messages.Database.Clear();
        await messages.ExecuteAsync("select pg_stat_force_next_flush()");
        return long.Parse(
            await messages.TextAsync(
                """
                select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables
                 where schemaname = 'messaging' and relname in ('waiting', 'dead_letters')
                """),
            CultureInfo.InvariantCulture);
    }
}
