namespace FiberLink.Messaging.Tests;

public abstract partial class The_queue<TMessages>
{
    private static readonly OperatorReason Reason = new("operator:test", "the cause is mended");

    [Fact]
    public async Task Gives_one_of_a_key_at_a_time_in_the_order_they_came()
    {
        await ReceiveAsync(Message(1, key: "a"), Message(2, Noon.AddHours(-1), key: "a"), Message(3, key: "b"));
        Assert.Null(await messages.CommitAsync(Message(4, Noon.AddHours(-2), key: "a"), Message(5)));

        var first = await TakeAsync("one");
        Assert.Equal([1, 3, 5], The_queue.Numbers(first).Order());

        await messages.CommitAsync(Of(1, first).Marker);
        var second = await TakeOneAsync("one");
        Assert.Equal([2], The_queue.Numbers([second]));
        await Queue.FinishAsync(second.Marker, [], Ct);
        Assert.Equal([4], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Keeps_a_key_of_one_tenant_apart_from_that_of_another()
    {
        await ReceiveAsync(Message(1, key: "a"), Message(2, key: "a", tenant: "other"));

        Assert.Equal([1, 2], (await NumbersAsync("one")).Order());
    }

    [Fact]
    public async Task Makes_a_key_wait_while_its_first_is_tried_again_and_nobody_else()
    {
        await ReceiveAsync(Message(1, key: "a"), Message(2, key: "a"), Message(3, key: "b"));
        var taken = await TakeAsync("one");
        await PutOffAsync(Of(1, taken), Noon.AddMinutes(1));
        await messages.CommitAsync(Of(3, taken).Marker);
        await ReceiveAsync(Message(4, key: "a"), Message(5, key: "b"));

        Assert.Equal([5], await NumbersAsync("one"));
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([1], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Lets_the_next_of_a_key_wait_for_its_own_time()
    {
        await ReceiveAsync(Message(1, key: "a"), Message(2, Noon.AddMinutes(1), key: "a"), Message(3, key: "a"));

        await messages.CommitAsync((await TakeOneAsync("one")).Marker);

        Assert.Empty(await TakeAsync("one"));
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([2], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Makes_the_first_of_a_key_what_a_handling_adds_to_it()
    {
        await ReceiveAsync(Message(1, key: "a"));

        await Queue.FinishAsync((await TakeOneAsync("one")).Marker, [Message(2, key: "a"), Message(3, key: "a")], Ct);

        Assert.Equal([2], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Goes_on_with_a_key_past_a_dead_letter()
    {
        var first = Message(1, key: "a");
        await ReceiveAsync(first, Message(2, key: "a"), Message(3, key: "a"));
        await GiveUpAsync(await TakeOneAsync("one"));

        var second = await TakeOneAsync("one");
        Assert.Equal([2], The_queue.Numbers([second]));

        Assert.True(await Queue.ReplayAsync(first.Id, Reason, Ct));
        await messages.CommitAsync(second.Marker);
        var third = await TakeOneAsync("one");
        Assert.Equal([3], The_queue.Numbers([third]));
        await messages.CommitAsync(third.Marker);
        Assert.Equal([1], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Stops_a_key_at_a_dead_letter_until_it_is_replayed_in_its_place()
    {
        var first = Message(1, key: "a");
        await ReceiveAsync(first, Message(2, key: "a"));
        await GiveUpAsync(await TakeOneAsync("one"), stopsKey: true);
        await ReceiveAsync(Message(3, key: "a"), Message(4, key: "b"));
        Assert.Equal([4], await NumbersAsync("one"));

        Assert.True(await Queue.ReplayAsync(first.Id, Reason, Ct));
        Assert.False(await Queue.ReplayAsync(first.Id, Reason, Ct));

        var again = await TakeOneAsync("one");
        Assert.Equal((first.Id, 1), (again.Id, again.Attempt));
        Assert.Empty(await TakeAsync("one"));
        await messages.CommitAsync(again.Marker);
        Assert.Equal([2], await NumbersAsync("one"));
    }

    [Fact]
    public async Task Stops_a_key_at_a_dead_letter_also_when_nothing_waited_behind_it()
    {
        await ReceiveAsync(Message(1, key: "a"));
        await GiveUpAsync(await TakeOneAsync("one"), stopsKey: true);

        await ReceiveAsync(Message(2, key: "a"));

        Assert.Empty(await TakeAsync("one"));
    }

    [Fact]
    public async Task Goes_on_with_a_stopped_key_when_the_dead_letter_is_discarded()
    {
        var first = Message(1, key: "a");
        await ReceiveAsync(first, Message(2, key: "a"));
        await GiveUpAsync(await TakeOneAsync("one"), stopsKey: true);

        Assert.True(await Queue.DiscardAsync(first.Id, Reason, Ct));
        Assert.False(await Queue.DiscardAsync(first.Id, Reason, Ct));

        Assert.Equal([2], await NumbersAsync("one"));
        Assert.Equal(0, await ReceiveAsync(first));
        Assert.Equal(MessageFate.DeadLetter, await FateAsync(first));
    }

    [Fact]
    public async Task Replays_what_is_there_and_nothing_else()
    {
        var message = Message();
        await ReceiveAsync(message);
        Assert.False(await Queue.ReplayAsync(message.Id, Reason, Ct));
        Assert.False(await Queue.DiscardAsync(message.Id, Reason, Ct));
        await GiveUpAsync(await TakeOneAsync("one"));

        Assert.True(await Queue.DiscardAsync(message.Id, Reason, Ct));
        Assert.True(await Queue.ReplayAsync(message.Id, Reason, Ct));

        Assert.Equal(1, (await TakeOneAsync("one")).Attempt);
    }

    private static WaitingMessage Of(int number, IEnumerable<WaitingMessage> taken) =>
        taken.Single(m => The_queue.Numbers([m]).Single() == number);
}
