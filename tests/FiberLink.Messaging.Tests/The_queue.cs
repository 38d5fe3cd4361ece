using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Testing;

namespace FiberLink.Messaging.Tests;

public sealed class The_queue(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private static readonly TimeSpan LongLease = TimeSpan.FromHours(1);

    private static DateTimeOffset Noon => MessagesUnderTest.Noon;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Gives_what_is_due_the_longest_due_first_up_to_a_limit()
    {
        int[] minutes = [3, -1, -4, 0, -2, -3];
        foreach (var minute in minutes)
        {
            await ReceiveAsync(MessagesUnderTest.Message(minute, Noon.AddMinutes(minute)));
        }

        Assert.Equal([-4, -3], Numbers(await messages.Queue.TakeAsync("one", LongLease, Noon, 2, Ct)));
        Assert.Equal([-2, -1, 0], Numbers(await messages.Queue.TakeAsync("one", LongLease, Noon, 10, Ct)));
        Assert.Empty(await messages.Queue.TakeAsync("one", LongLease, Noon.AddMinutes(2), 10, Ct));
        Assert.Equal([3], Numbers(await messages.Queue.TakeAsync("one", LongLease, Noon.AddMinutes(3), 10, Ct)));
    }

    [Fact]
    public async Task Skips_what_another_has_its_hands_on_and_does_not_wait()
    {
        for (var i = 0; i < 4; i++)
        {
            await ReceiveAsync(MessagesUnderTest.Message(i, Noon.AddMinutes(i - 9)));
        }

        await using var other = await UnitOfWork.BeginAsync(messages.Database, Ct);
        await using (var hold = other.Command("select from messaging.waiting where body ->> 'number' in ('0', '2') for update"))
        {
            await hold.ExecuteNonQueryAsync(Ct);
        }

        Assert.Equal([1, 3], Numbers(await messages.Queue.TakeAsync("one", LongLease, Noon, 2, Ct)));
    }

    [Fact]
    public async Task Gives_each_message_to_one_of_many_takers()
    {
        const int count = 60;
        await messages.Queue.ReceiveAsync([.. Enumerable.Range(0, count).Select(i => MessagesUnderTest.Message(i))], Ct);

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(t => Task.Run(
            async () =>
            {
                var mine = new List<WaitingMessage>();
                while (await messages.Queue.TakeAsync($"taker {t}", LongLease, Noon, 3, Ct) is { Count: > 0 } some)
                {
                    mine.AddRange(some);
                }

                return mine;
            },
            Ct)));

        Assert.Equal(Enumerable.Range(0, count), Numbers(taken.SelectMany(t => t)).Order());
    }

    [Fact]
    public async Task Lets_another_take_over_when_a_lease_has_ended_and_does_not_listen_to_the_first_any_more()
    {
        var message = MessagesUnderTest.Message();
        await ReceiveAsync(message);
        Assert.Equal(1, Assert.Single(await messages.Queue.TakeAsync("dead", LongLease, Noon, 1, Ct)).Attempt);
        Assert.Empty(await messages.Queue.TakeAsync("heir", LongLease, Noon, 1, Ct));

        await messages.ExecuteAsync("update messaging.waiting set leased_until = now() - interval '1 second'");
        Assert.Equal(2, Assert.Single(await messages.Queue.TakeAsync("heir", LongLease, Noon, 1, Ct)).Attempt);

        await messages.Queue.PutOffAsync(message.Id, "dead", Noon.AddDays(1), "I am still here", counts: true, Ct);
        await messages.Queue.GiveUpAsync(message.Id, "dead", "I am still here", Ct);
        Assert.Equal("heir", await messages.TextAsync("select lease_owner from messaging.waiting where last_error is null"));
        Assert.Equal("1 0 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task Leases_for_as_long_as_it_was_asked_to()
    {
        await ReceiveAsync(MessagesUnderTest.Message());
        await messages.Queue.TakeAsync("one", TimeSpan.FromMilliseconds(1), Noon, 1, Ct);

        await Eventually.HoldsAsync(
            "the lease ends", async () => (await messages.Queue.TakeAsync("two", LongLease, Noon, 1, Ct)).Count == 1, Ct);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Gives_what_was_put_off_again_when_it_is_due(bool counts, int attemptAfter)
    {
        var message = MessagesUnderTest.Message();
        await ReceiveAsync(message);
        await messages.Queue.TakeAsync("one", LongLease, Noon, 1, Ct);

        var why = new string('x', MessageQueue.ErrorLengthMax + 1);
        await messages.Queue.PutOffAsync(message.Id, "one", Noon.AddMinutes(5), why, counts, Ct);

        Assert.Empty(await messages.Queue.TakeAsync("two", LongLease, Noon.AddMinutes(4), 1, Ct));
        Assert.Equal(attemptAfter, Assert.Single(await messages.Queue.TakeAsync("two", LongLease, Noon.AddMinutes(5), 1, Ct)).Attempt);
        Assert.Equal($"{MessageQueue.ErrorLengthMax}", await messages.TextAsync("select length(last_error) from messaging.waiting"));
    }

    [Fact]
    public async Task Takes_a_message_in_once_also_when_it_was_handled_and_when_it_was_given_up()
    {
        OutgoingMessage waiting = MessagesUnderTest.Message(1), handled = MessagesUnderTest.Message(2), dead = MessagesUnderTest.Message(3);
        Assert.Equal(3, await messages.Queue.ReceiveAsync([waiting, handled, dead, waiting], Ct));
        await messages.Queue.TakeAsync("one", LongLease, Noon, 10, Ct);
        await messages.Store.AppendAsync(Change.OfRows(EventMetadata.None, Noon, new HandledMarker(handled.Id, handled.Name)), Ct);
        await messages.Queue.GiveUpAsync(dead.Id, "one", "hopeless", Ct);

        Assert.Equal(0, await messages.Queue.ReceiveAsync([waiting, handled, dead], Ct));
        await messages.Store.AppendAsync(Change.OfRows(EventMetadata.None, Noon, waiting, handled, dead), Ct);

        Assert.Equal("1 1 1", await messages.CountsAsync());
        Assert.Equal(1, await messages.Queue.ReceiveAsync([waiting, MessagesUnderTest.Message(4)], Ct));
    }

    [Theory]
    [InlineData("insert into messaging.handled (message_id, name) select message_id, name from messaging.waiting")]
    [InlineData(
        """
        insert into messaging.dead_letters (message_id, name, tenant_id, body, created_at, attempts)
        select message_id, name, tenant_id, body, created_at, attempts from messaging.waiting
        """)]
    public async Task Does_not_give_again_what_came_in_once_more_while_it_was_being_finished(string finish)
    {
        var message = MessagesUnderTest.Message();
        await ReceiveAsync(message);
        await using var finishing = await UnitOfWork.BeginAsync(messages.Database, Ct);
        await using (var write = finishing.Command(finish))
        {
            await write.ExecuteNonQueryAsync(Ct);
        }

        await using (var remove = finishing.Command("delete from messaging.waiting"))
        {
            await remove.ExecuteNonQueryAsync(Ct);
        }

        var again = messages.Queue.ReceiveAsync([message], Ct);
        await messages.WaitingSessionsAsync(1, Ct);
        await finishing.CommitAsync(Ct);
        await again;

        Assert.Empty(await messages.Queue.TakeAsync("one", LongLease, Noon, 10, Ct));
        Assert.Equal("0", await messages.TextAsync("select count(*) from messaging.waiting"));
    }

    [Fact]
    public async Task Keeps_all_that_is_known_of_a_message_that_was_given_up()
    {
        var message = MessagesUnderTest.Message(5);
        await ReceiveAsync(message);
        await messages.Queue.TakeAsync("one", LongLease, Noon, 1, Ct);

        await messages.Queue.GiveUpAsync(message.Id, "one", "hopeless", Ct);

        Assert.Equal(
            """note.v1 demo {"number": 5} 1 hopeless request-1 00-trace-01""",
            await messages.TextAsync(
                $"""
                select concat_ws(' ', name, tenant_id, body, attempts, last_error, correlation_id, trace_parent)
                  from messaging.dead_letters where message_id = '{message.Id}' and created_at <= failed_at
                """));
        Assert.Equal("0 0 1", await messages.CountsAsync());
    }

    [Fact]
    public async Task Forgets_old_markers_a_limited_number_at_a_time()
    {
        await messages.ExecuteAsync(
            """
            insert into messaging.handled
            select gen_random_uuid(), 'note.v1', now() - n * interval '1 day' from generate_series(0, 9) as n
            """);

        Assert.Equal(2, await messages.Queue.PruneHandledAsync(TimeSpan.FromDays(6.5), 2, Ct));
        Assert.Equal(1, await messages.Queue.PruneHandledAsync(TimeSpan.FromDays(6.5), 2, Ct));
        Assert.Equal(0, await messages.Queue.PruneHandledAsync(TimeSpan.FromDays(6.5), 2, Ct));
        Assert.Equal("0 7 0", await messages.CountsAsync());
    }

    private Task<int> ReceiveAsync(OutgoingMessage message) => messages.Queue.ReceiveAsync([message], Ct);

    private static IEnumerable<int> Numbers(IEnumerable<WaitingMessage> taken) =>
        taken.Select(m => System.Text.Json.JsonDocument.Parse(m.Body).RootElement.GetProperty("number").GetInt32());
}
