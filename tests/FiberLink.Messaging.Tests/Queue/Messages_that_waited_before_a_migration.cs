using FiberLink.Postgres;
using FiberLink.Testing;

namespace FiberLink.Messaging.Tests;

public sealed class Messages_that_waited_before_a_migration
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_taken_after_it_those_in_hand_and_those_that_were_tried_as_well()
    {
        await using var database = await TestDatabase.CreateAsync([MessagingSchema.Migrations[0]]);
        await using (var command = database.DataSource.Command(
            """
            insert into messaging.waiting
                (message_id, name, tenant_id, body, due_at, attempts, lease_owner, leased_until, last_error, correlation_id, trace_parent)
            values
                (gen_random_uuid(), 'note.v1', 'demo', '{"number": 1}', '2026-01-01T11:00:00Z', 0, null, null, null, 'request-1', '00-1'),
                (gen_random_uuid(), 'note.v1', 'demo', '{"number": 2}', '2026-01-01T11:10:00Z', 1, 'one', now() + interval '1 hour',
                 null, null, null),
                (gen_random_uuid(), 'note.v1', 'demo', '{"number": 3}', '2026-01-01T11:20:00Z', 2, null, null, 'no luck', null, null),
                (gen_random_uuid(), 'note.v1', 'demo', '{"number": 4}', '2026-01-01T13:00:00Z', 0, null, null, null, null, null);
            insert into messaging.handled (message_id, name) values ('0198c0de-0000-7000-8000-000000000001', 'note.v1');
            insert into messaging.dead_letters (message_id, name, tenant_id, body, created_at, attempts, last_error)
            values ('0198c0de-0000-7000-8000-000000000002', 'note.v1', 'demo', '{"number": 5}', now(), 30, 'hopeless');
            """))
        {
            await command.ExecuteNonQueryAsync(Ct);
        }

        await Migrations.ApplyAsync(database.DataSource, MessagingSchema.Migrations, Ct);

        var time = new ManualTime(MessagesUnderTest.Noon);
        var queue = new MessageQueue(database.DataSource, time);
        var node = await queue.JoinAsync("new", Ct);
        var taken = await queue.TakeAsync(node, new(The_queue.LongLease, 10, long.MaxValue), Ct);
        Assert.Equal([1, 2, 3], The_queue.Numbers(taken));
        Assert.Equal([1, 2, 3], taken.Select(m => m.Attempt));
        Assert.Equal(("request-1", "00-1"), (taken[0].CorrelationId, taken[0].TraceParent));
        Assert.All(taken, m => Assert.Null(m.OrderingKey));
        foreach (var message in taken)
        {
            Assert.Null(await queue.FinishAsync(message.Marker, [], Ct));
        }

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([4], The_queue.Numbers(await queue.TakeAsync(node, new(The_queue.LongLease, 10, long.MaxValue), Ct)));
        var (done, dead) = (Guid.Parse("0198c0de-0000-7000-8000-000000000001"), Guid.Parse("0198c0de-0000-7000-8000-000000000002"));
        var fates = await queue.FindAsync([done, dead], Ct);
        Assert.Equal((MessageFate.Handled, MessageFate.DeadLetter), (fates[done], fates[dead]));
        Assert.True(await queue.ReplayAsync(dead, new("operator:ann", "mended"), Ct));
        Assert.Equal([5], The_queue.Numbers(await queue.TakeAsync(node, new(The_queue.LongLease, 10, long.MaxValue), Ct)));
    }
}
