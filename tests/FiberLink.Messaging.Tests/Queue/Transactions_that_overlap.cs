using FiberLink.EventStore;
using FiberLink.Postgres;

namespace FiberLink.Messaging.Tests;

/// <summary>Races, forced by transactions that are held open.</summary>
public sealed class Transactions_that_overlap(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private ServiceNode _node = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await messages.ResetAsync();
        _node = await messages.Queue.JoinAsync("one", Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Takers_skip_what_another_has_its_hands_on_and_do_not_wait()
    {
        await messages.Queue.ReceiveAsync([.. Enumerable.Range(0, 4).Select(i => MessagesUnderTest.Message(i))], Ct);
        await using var other = await HoldAsync("select from messaging.waiting where body ->> 'number' in ('0', '2') for update");

        Assert.Equal([1, 3], The_queue.Numbers(await TakeAsync(2)).Order());
    }

    [Fact]
    public async Task Each_message_goes_to_one_of_many_takers()
    {
        const int count = 60;
        await messages.Queue.ReceiveAsync(
            [.. Enumerable.Range(0, count).Select(i => MessagesUnderTest.Message(i, tenant: $"tenant-{i % 7}"))], Ct);

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
            async () =>
            {
                var mine = new List<WaitingMessage>();
                var queue = new MessageQueue(messages.Database, messages.Time);
                while (await queue.TakeAsync(_node, new(The_queue.LongLease, 3, long.MaxValue), Ct) is { Count: > 0 } some)
                {
                    mine.AddRange(some);
                }

                return mine;
            },
            Ct)));

        Assert.Equal(Enumerable.Range(0, count), The_queue.Numbers(taken.SelectMany(t => t)).Order());
    }

    [Fact]
    public async Task One_that_comes_while_the_first_of_its_key_is_being_finished_is_not_forgotten()
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(1, key: "a")], Ct);
        var first = Assert.Single(await TakeAsync(1));

        // The finisher stands before its last statement; the other comes in the meantime.
        await using var finishing = await HoldAsync("select from messaging.waiting for update");
        var finished = messages.CommitAsync(first.Marker);
        await messages.WaitingSessionsAsync(1, Ct);
        var received = messages.Queue.ReceiveAsync([MessagesUnderTest.Message(2, key: "a")], Ct);
        await messages.WaitingSessionsAsync(2, Ct);
        await finishing.DisposeAsync();

        Assert.Null(await finished);
        Assert.Equal(1, await received);
        Assert.Equal([2], The_queue.Numbers(await TakeAsync(1)));
    }

    [Fact]
    public async Task Two_who_bring_the_same_messages_the_other_way_round_wait_for_each_other_one_way()
    {
        Guid[] ids = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7())];
        OutgoingMessage[] all = [.. ids.Select((id, i) => MessagesUnderTest.Message(i) with { Id = id })];
        await using var gate = await HoldAsync(
            $"insert into messaging.waiting (message_id, name, tenant_id, body, due_at) values ('{ids[1]}', '', '', 'null', now())");
        var there = messages.Queue.ReceiveAsync(all, Ct);
        await messages.WaitingSessionsAsync(1, Ct);
        var back = messages.Queue.ReceiveAsync([.. all.Reverse()], Ct);
        await messages.WaitingSessionsAsync(2, Ct);
        await gate.DisposeAsync();

        Assert.Equal(3, await there + await back);
    }

    [Fact]
    public async Task Two_that_come_at_once_stand_one_behind_the_other()
    {
        await using var gate = await HoldAsync("insert into messaging.keys (tenant_id, ordering_key) values ('demo', 'a')");
        var received = Enumerable.Range(1, 2)
            .Select(i => messages.Queue.ReceiveAsync([MessagesUnderTest.Message(i, key: "a")], Ct)).ToArray();
        await messages.WaitingSessionsAsync(2, Ct);
        await gate.DisposeAsync();
        await Task.WhenAll(received);

        Assert.Single(await TakeAsync(10));
        Assert.Equal("1", await messages.TextAsync("select count(*) from messaging.waiting where state = 'behind'"));
    }

    [Fact]
    public async Task Changes_that_touch_the_same_keys_crosswise_do_not_stop_each_other_for_ever()
    {
        var rounds = Enumerable.Range(0, 40).Select(i => (First: $"{i % 2}", Second: $"{1 - (i % 2)}")).ToArray();

        await Task.WhenAll(rounds.Select(keys => Task.Run(
            async () => Assert.IsType<AppendResult.Appended>(await messages.Open().AppendAsync(
                Change.OfRows(
                    EventMetadata.None,
                    MessagesUnderTest.Noon,
                    MessagesUnderTest.Message(1, key: keys.First),
                    MessagesUnderTest.Message(2, key: keys.Second)),
                Ct)),
            Ct)));

        Assert.Equal("0", await messages.TextAsync("select deadlocks from pg_stat_database where datname = current_database()"));
        Assert.Equal("2", await messages.TextAsync("select count(*) from messaging.waiting where state = 'ready'"));
        Assert.Equal("78", await messages.TextAsync("select count(*) from messaging.waiting where state = 'behind'"));
    }

    [Fact]
    public async Task Whoever_needs_several_keys_locks_them_in_one_order_whatever_the_order_they_come_in()
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(1, key: "b"), MessagesUnderTest.Message(2, key: "a")], Ct);
        await using var holder = await HoldAsync("select from messaging.keys where ordering_key = 'b' for update");

        var received = messages.Queue.ReceiveAsync(
            [MessagesUnderTest.Message(3, key: "b"), MessagesUnderTest.Message(4, key: "a")], Ct);
        await messages.WaitingSessionsAsync(1, Ct);

        Assert.Equal("0", await FreeKeysAsync("a"));
        await holder.DisposeAsync();
        Assert.Equal(2, await received);
    }

    [Fact]
    public async Task Whoever_finishes_one_key_and_sends_on_to_another_locks_them_in_that_order_too()
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(1, key: "b")], Ct);
        var taken = Assert.Single(await TakeAsync(1));
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(2, key: "a")], Ct);
        await using var holder = await HoldAsync("select from messaging.keys where ordering_key = 'b' for update");

        var finished = messages.Queue.FinishAsync(taken.Marker, [MessagesUnderTest.Message(3, key: "a")], Ct);
        await messages.WaitingSessionsAsync(1, Ct);

        Assert.Equal("0", await FreeKeysAsync("a"));
        await holder.DisposeAsync();
        Assert.Null(await finished);
    }

    [Fact]
    public async Task A_handler_that_was_paused_past_its_lease_writes_nothing_though_its_heir_has_not_finished()
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message()], Ct);
        var paused = Assert.Single(await TakeAsync(1));
        await messages.EndLeasesAsync();
        await messages.Queue.ReleaseAsync(TimeSpan.FromDays(1), Ct);
        var heir = Assert.Single(await TakeAsync(1));

        var late = await messages.Store.AppendAsync(MessagesUnderTest.Noting("late", paused.Marker, MessagesUnderTest.Message(2)), Ct);

        Assert.Equal(new AppendResult.ConstraintBroken(HandledMarker.LostConstraint), late);
        Assert.Equal("1 0 0", await messages.CountsAsync());
        Assert.IsType<AppendResult.Appended>(await messages.Store.AppendAsync(MessagesUnderTest.Noting("heir", heir.Marker), Ct));
        Assert.Equal(1, await messages.Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task A_lease_is_not_taken_from_a_handler_that_is_committing()
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message()], Ct);
        var taken = Assert.Single(await TakeAsync(1));
        await messages.EndLeasesAsync();
        await using var committing = await HoldAsync("select from messaging.waiting for update");

        Assert.Equal(0, await messages.Queue.ReleaseAsync(TimeSpan.FromDays(1), Ct));
        await committing.DisposeAsync();
        Assert.Null(await messages.CommitAsync(taken.Marker));
    }

    [Theory]
    [InlineData("insert into messaging.handled (message_id, name) select message_id, name from messaging.waiting")]
    [InlineData(
        """
        insert into messaging.dead_letters (message_id, name, tenant_id, body, created_at, attempts)
        select message_id, name, tenant_id, body, created_at, attempts from messaging.waiting
        """)]
    public async Task One_that_got_in_once_more_while_it_was_being_finished_is_thrown_away(string finish)
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message()], Ct);
        await messages.ExecuteAsync(finish);

        Assert.Empty(await TakeAsync(10));
        Assert.Equal("0", await messages.TextAsync("select count(*) from messaging.waiting"));
    }

    private Task<string> FreeKeysAsync(string key) =>
        messages.TextAsync(
            $"select count(*) from (select from messaging.keys where ordering_key = '{key}' for update skip locked) as k");

    private Task<IReadOnlyList<WaitingMessage>> TakeAsync(int limit) =>
        messages.Queue.TakeAsync(_node, new(The_queue.LongLease, limit, long.MaxValue), Ct);

    private async Task<UnitOfWork> HoldAsync(string sql)
    {
        var held = await UnitOfWork.BeginAsync(messages.Database, Ct);
        await using var command = held.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
        return held;
    }
}
