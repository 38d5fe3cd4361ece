namespace FiberLink.Messaging.Tests;

public abstract partial class The_queue<TMessages>
{
    [Fact]
    public async Task Gives_what_is_due_the_longest_due_first_up_to_a_limit()
    {
        int[] minutes = [3, -1, -4, 0, -2, -3];
        foreach (var minute in minutes)
        {
            await ReceiveAsync(Message(minute, Noon.AddMinutes(minute)));
        }

        Assert.Equal([-4, -3], await NumbersAsync("one", 2));
        Assert.Equal([-2, -1, 0], await NumbersAsync("one"));
        messages.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(await NumbersAsync("one"));
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([3], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Gives_all_that_is_known_of_a_message()
    {
        var message = Message(7, key: "stream-1");
        await ReceiveAsync(message);

        var taken = await TakeOneAsync("one");

        Assert.Equal(
            new(message.Id, "note.v1", "demo", """{"number": 7}""", 1, "request-1", "00-trace-01")
            {
                OrderingKey = "stream-1",
                Fence = taken.Fence,
                Waited = taken.Waited,
            },
            taken);
    }

    [Fact]
    public async Task Gives_no_more_than_there_is_room_for_but_one_in_any_case()
    {
        await ReceiveAsync([.. Enumerable.Range(0, 5).Select(i => Message(i))]);

        Assert.Single(await TakeAsync("one", 5, bytes: 1));
        Assert.Equal(4, (await TakeAsync("one", 5)).Count);
    }

    [Fact]
    public async Task Lets_another_take_over_when_a_lease_has_ended_and_does_not_listen_to_the_first_any_more()
    {
        var message = Message();
        await ReceiveAsync(message);
        var lost = await TakeOneAsync("slow");
        Assert.Equal(0, await Queue.ReleaseAsync(TimeSpan.FromDays(1), Ct));
        Assert.Empty(await TakeAsync("heir"));

        await messages.EndLeasesAsync();
        Assert.Equal(1, await Queue.ReleaseAsync(TimeSpan.FromDays(1), Ct));
        var held = await TakeOneAsync("heir");
        Assert.Equal(2, held.Attempt);

        await PutOffAsync(lost, Noon.AddDays(1));
        await GiveUpAsync(lost);
        Assert.Equal(HandledMarker.LostConstraint, await messages.CommitAsync(lost.Marker));
        Assert.Equal(HandledMarker.LostConstraint, await Queue.FinishAsync(lost.Marker, [Message(2)], Ct));
        Assert.Equal([lost.Id], await Queue.RenewAsync([lost], The_queue.LongLease, Ct));
        Assert.Empty(await Queue.RenewAsync([held], The_queue.LongLease, Ct));
        Assert.Equal(MessageFate.Tried, await FateAsync(message));
        Assert.Null(await messages.CommitAsync(held.Marker));
        Assert.Equal(MessageFate.Handled, await FateAsync(message));
    }

    [Fact]
    public async Task Gives_what_a_silent_node_had_to_others_and_that_node_a_new_number()
    {
        await ReceiveAsync(Message());
        var dead = await NodeAsync("dead");
        var lost = await TakeOneAsync("dead");

        await messages.SilenceAsync(dead);
        var heir = await NodeAsync("heir");
        Assert.Equal(1, await Queue.ReleaseAsync(The_queue.SilenceMax, Ct));

        Assert.False(await Queue.BeatAsync(dead, Ct));
        Assert.True(await Queue.BeatAsync(heir, Ct));
        Assert.Empty(await TakeAsync("dead"));
        Assert.Equal(lost.Id, (await TakeOneAsync("heir")).Id);
        Assert.NotEqual(dead.Id, (await Queue.JoinAsync("dead", Ct)).Id);
        Assert.Equal(HandledMarker.LostConstraint, await messages.CommitAsync(lost.Marker));
    }

    [Fact]
    public async Task Keeps_what_was_renewed()
    {
        await ReceiveAsync(Message());
        var taken = await TakeOneAsync("one");

        await messages.EndLeasesAsync();
        Assert.Empty(await Queue.RenewAsync([taken], The_queue.LongLease, Ct));

        Assert.Equal(0, await Queue.ReleaseAsync(TimeSpan.FromDays(1), Ct));
        Assert.Null(await messages.CommitAsync(taken.Marker));
    }

    [Fact]
    public async Task Takes_back_uncounted_what_a_node_has_when_it_leaves()
    {
        await ReceiveAsync(Message());
        await TakeOneAsync("one");

        await Queue.LeaveAsync(await NodeAsync("one"), Ct);

        Assert.Equal(1, (await TakeOneAsync("two")).Attempt);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Gives_what_was_put_off_again_when_it_is_due(bool counts, int attemptAfter)
    {
        await ReceiveAsync(Message());
        await PutOffAsync(await TakeOneAsync("one"), Noon.AddMinutes(5), counts);

        messages.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Empty(await TakeAsync("two"));
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(attemptAfter, (await TakeOneAsync("two")).Attempt);
    }

    [Fact]
    public async Task Takes_a_message_in_once_also_when_it_was_handled_and_when_it_was_given_up()
    {
        OutgoingMessage waiting = Message(1), handled = Message(2), dead = Message(3);
        Assert.Equal(3, await ReceiveAsync(waiting, handled, dead, waiting));
        var taken = await TakeAsync("one");
        Assert.Null(await messages.CommitAsync(new HandledMarker(handled.Id, handled.Name)));
        await GiveUpAsync(taken.Single(m => m.Id == dead.Id));

        Assert.Equal(0, await ReceiveAsync(waiting, handled, dead));
        Assert.Null(await messages.CommitAsync(waiting, handled, dead));

        Assert.Equal(MessageFate.Tried, await FateAsync(waiting));
        Assert.Equal(MessageFate.Handled, await FateAsync(handled));
        Assert.Equal(MessageFate.DeadLetter, await FateAsync(dead));
        Assert.Equal(1, await ReceiveAsync(waiting, Message(4)));
        Assert.Null(await FateAsync(Message(5)));
    }

    [Fact]
    public async Task Refuses_a_second_marker_and_all_that_comes_with_it()
    {
        var (message, next) = (Message(1), Message(2));
        await ReceiveAsync(message);
        var taken = await TakeOneAsync("one");
        Assert.Null(await Queue.FinishAsync(taken.Marker, [], Ct));

        Assert.Equal(HandledMarker.Constraint, await Queue.FinishAsync(taken.Marker, [next], Ct));
        Assert.Equal(HandledMarker.Constraint, await messages.CommitAsync(taken.Marker, next));
        Assert.Equal(HandledMarker.Constraint, await messages.CommitAsync(new HandledMarker(message.Id, message.Name), next));

        Assert.Null(await FateAsync(next));
    }

    [Fact]
    public async Task Sends_on_what_a_handling_answers_with_in_the_markers_transaction()
    {
        var answer = Message(2);
        await ReceiveAsync(Message(1));

        Assert.Null(await Queue.FinishAsync((await TakeOneAsync("one")).Marker, [answer], Ct));

        Assert.Equal(answer.Id, (await TakeOneAsync("one")).Id);
    }

    [Fact]
    public async Task Forgets_old_markers_a_limited_number_at_a_time()
    {
        var message = Message();
        await messages.CommitAsync(new HandledMarker(message.Id, message.Name), new HandledMarker(Guid.CreateVersion7(), "note.v1"));

        Assert.Equal(0, await Queue.PruneAsync(TimeSpan.FromDays(1), 10, Ct));
        Assert.Equal(MessageFate.Handled, await FateAsync(message));
        messages.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await Queue.PruneAsync(TimeSpan.Zero, 1, Ct));
        Assert.Equal(1, await Queue.PruneAsync(TimeSpan.Zero, 10, Ct));
    }
}
