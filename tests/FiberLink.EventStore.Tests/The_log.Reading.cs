namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    [Theory]
    [InlineData(0, 3, "a b c")]
    [InlineData(2, 2, "c d")]
    [InlineData(4, 10, "e")]
    [InlineData(5, 10, "")]
    [InlineData(99, 10, "")]
    public async Task The_log_is_read_from_a_position_on_up_to_a_limit(long after, int limit, string expected)
    {
        foreach (var (text, i) in "abcde".Select((c, i) => ($"{c}", i)))
        {
            await AppendedAsync(Sample.Notes(new StreamId("demo", $"note-{i % 2}"), ExpectedVersion.Any, text));
        }

        Assert.Equal(expected, string.Join(' ', (await Store.ReadLogAsync(after, limit, Ct)).Select(Sample.Text)));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(0, EventStoreLimits.LogPageMax + 1)]
    public async Task Reading_from_nowhere_or_without_a_proper_limit_is_an_error(long after, int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadLogAsync(after, limit, Ct));

    [Fact]
    public async Task The_head_is_the_position_of_the_last_event()
    {
        Assert.Equal(0, await Store.ReadHeadAsync(Ct));

        await AppendedAsync(Sample.Notes("a", "b", "c"));

        Assert.Equal(3, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task A_stream_that_is_longer_than_any_may_be_is_an_error_to_read()
    {
        var texts = Enumerable.Range(0, Change.EventsMax).Select(i => $"{i}").ToArray();
        for (var i = 0; i < EventStoreLimits.StreamEventsMax / Change.EventsMax; i++)
        {
            await AppendedAsync(Sample.Notes(texts));
        }

        Assert.Equal(EventStoreLimits.StreamEventsMax, (await Store.ReadStreamAsync(Sample.Stream, Ct)).Version);
        await AppendedAsync(Sample.Notes("one too many"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.ReadStreamAsync(Sample.Stream, Ct));
    }

    [Fact]
    public async Task What_was_answered_is_what_is_read_later()
    {
        var answered = await AppendedAsync(Sample.Notes("a", "b") with { At = Sample.Noon.AddTicks(12_345) });

        Assert.Equal(answered, await WholeLogAsync());
    }
}
