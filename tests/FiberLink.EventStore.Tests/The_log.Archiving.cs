namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    [Theory]
    [InlineData("any")]
    [InlineData("exactly")]
    public async Task An_archived_stream_takes_no_more_events(string presumed)
    {
        await AppendedAsync(Sample.Notes("a"));
        Assert.True(await Store.SetArchivedAsync(Sample.Stream, true, Ct));

        var expected = presumed == "any" ? ExpectedVersion.Any : ExpectedVersion.Exactly(1);
        var result = await Store.AppendAsync(Sample.Notes(Sample.Stream, expected, "b") with { Rows = [new SampleRow("one")] }, Ct);

        Assert.Equal(new AppendResult.StreamArchived(Sample.Stream), result);
        Assert.Equal(1, await Store.ReadHeadAsync(Ct));
        Assert.Empty(await _log.RowsAsync());
    }

    [Fact]
    public async Task An_archived_stream_is_read_like_any_other()
    {
        await AppendedAsync(Sample.Notes("a", "b"));
        await Store.SetArchivedAsync(Sample.Stream, true, Ct);

        Assert.Equal(["a", "b"], (await Store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(Sample.Text));
        Assert.Equal(["a", "b"], (await WholeLogAsync()).Select(Sample.Text));
    }

    [Fact]
    public async Task A_stream_that_goes_on_after_all_takes_events_again()
    {
        await AppendedAsync(Sample.Notes("a"));
        await Store.SetArchivedAsync(Sample.Stream, true, Ct);
        Assert.True(await Store.SetArchivedAsync(Sample.Stream, false, Ct));

        Assert.Equal(2, Assert.Single(await AppendedAsync(Sample.Notes("b"))).Version);
    }

    [Fact]
    public async Task A_stream_that_is_not_there_cannot_be_archived()
    {
        Assert.False(await Store.SetArchivedAsync(Sample.Stream, true, Ct));
        Assert.Single(await AppendedAsync(Sample.Notes("a")));
    }
}
