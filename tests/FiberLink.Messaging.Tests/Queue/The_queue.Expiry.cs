namespace FiberLink.Messaging.Tests;

public abstract partial class The_queue<TMessages>
{
    [Fact]
    public async Task Finishes_what_has_expired_uncounted_and_lets_its_key_go_on()
    {
        var first = Message(1, key: "a") with { ExpiresAt = Noon.AddMinutes(1) };
        await ReceiveAsync(first, Message(2, key: "a"));
        var taken = await TakeOneAsync("one");
        Assert.Equal(Noon.AddMinutes(1), taken.ExpiresAt);

        await Queue.ExpireAsync(taken, The_queue.Failure("too late"), Ct);

        Assert.Equal(MessageFate.Expired, await FateAsync(first));
        Assert.Equal(0, await ReceiveAsync(first));
        var second = await TakeOneAsync("one");
        Assert.Equal([2], The_queue.Numbers([second]));
        Assert.Null(second.ExpiresAt);
        Assert.Equal(["expired 1", "taken 1"], (await Queue.BacklogAsync(10, Ct)).Select(b => $"{b.State} {b.Count}").Order());
        Assert.Equal(HandledMarker.LostConstraint, await messages.CommitAsync(taken.Marker));
    }

    [Fact]
    public async Task Does_not_listen_about_expiry_to_who_has_lost_the_message()
    {
        var message = Message() with { ExpiresAt = Noon.AddMinutes(1) };
        await ReceiveAsync(message);
        var lost = await TakeOneAsync("one");
        await messages.EndLeasesAsync();
        await Queue.ReleaseAsync(TimeSpan.FromDays(1), Ct);

        await Queue.ExpireAsync(lost, The_queue.Failure("too late"), Ct);

        Assert.Equal(MessageFate.Tried, await FateAsync(message));
    }

    [Fact]
    public async Task Puts_off_no_further_than_a_message_is_worth_handling()
    {
        await ReceiveAsync(Message() with { ExpiresAt = Noon.AddMinutes(1) });
        await PutOffAsync(await TakeOneAsync("one"), Noon.AddDays(1));

        Assert.Empty(await TakeAsync("one"));
        messages.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(await TakeAsync("one"));
    }

    [Fact]
    public async Task Replays_what_has_expired_for_good_and_discards_it_not()
    {
        var message = Message() with { ExpiresAt = Noon };
        await ReceiveAsync(message);
        await Queue.ExpireAsync(await TakeOneAsync("one"), The_queue.Failure("too late"), Ct);

        Assert.False(await Queue.DiscardAsync(message.Id, Reason, Ct));
        Assert.True(await Queue.ReplayAsync(message.Id, Reason, Ct));

        var again = await TakeOneAsync("one");
        Assert.Equal((1, null), (again.Attempt, again.ExpiresAt));
    }

    [Fact]
    public async Task Forgets_what_has_expired_as_it_does_what_was_handled_and_no_dead_letter()
    {
        var (expired, dead) = (Message(1) with { ExpiresAt = Noon }, Message(2));
        await ReceiveAsync(expired, dead);
        foreach (var taken in await TakeAsync("one"))
        {
            await (taken.Id == dead.Id ? GiveUpAsync(taken) : Queue.ExpireAsync(taken, The_queue.Failure("too late"), Ct));
        }

        await Queue.PruneAsync(TimeSpan.FromDays(1), 10, Ct);
        Assert.Equal(MessageFate.Expired, await FateAsync(expired));
        messages.Time.Advance(TimeSpan.FromSeconds(1));
        await Queue.PruneAsync(TimeSpan.Zero, 10, Ct);

        Assert.Null(await FateAsync(expired));
        Assert.Equal(MessageFate.DeadLetter, await FateAsync(dead));
    }
}
