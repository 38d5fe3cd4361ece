namespace FiberLink.EventStore.Tests;

/// <summary>Every change has a name, by which it is appended once and can be asked about.</summary>
public abstract partial class The_log<TLog>
{
    [Fact]
    public async Task A_change_that_is_appended_again_is_in_the_log_once_and_answered_as_the_first_time()
    {
        var change = Sample.Notes(Sample.Stream, ExpectedVersion.NoStream, "a", "b") with { Rows = [new SampleRow("one")] };
        await AppendedAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.Any, "before"));
        var first = await AppendedAsync(change);
        await AppendedAsync(Sample.Notes("after"));

        var again = await AppendedAsync(change);

        Assert.Equal(first, again);
        Assert.Equal([2, 3], again.Select(e => e.Position));
        Assert.Equal(4, await Store.ReadHeadAsync(Ct));
        Assert.Equal(["one"], await _log.RowsAsync());
    }

    [Fact]
    public async Task A_change_of_rows_alone_that_has_a_name_is_written_once_too()
    {
        var change = Change.OfRows(EventMetadata.None, Sample.Noon, new SampleRow("one")) with { Id = Guid.CreateVersion7() };
        Assert.Empty(await AppendedAsync(change));

        Assert.Empty(await AppendedAsync(change));

        Assert.Equal(["one"], await _log.RowsAsync());
        Assert.Equal(new ChangeFate(true, null, 0), await Store.SettleAsync(change.Id, Ct));
    }

    [Fact]
    public async Task Another_change_under_the_name_of_one_that_was_appended_is_a_mistake()
    {
        var first = Sample.Notes("a");
        await AppendedAsync(first);

        var thrown = await Assert.ThrowsAsync<ArgumentException>(
            () => Store.AppendAsync(Sample.Notes(Sample.Stream, ExpectedVersion.Any, "b") with { Id = first.Id }, Ct));

        Assert.Contains(first.Id.ToString(), thrown.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task A_change_is_named_after_its_first_event()
    {
        var note = Sample.Note("a");

        Assert.Equal(note.Id, new Change([new(Sample.Stream, ExpectedVersion.Any, [note])], EventMetadata.None, Sample.Noon).Id);
        Assert.Equal(Guid.Empty, Change.OfRows(EventMetadata.None, Sample.Noon).Id);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.SettleAsync(Guid.Empty, Ct));
    }

    [Fact]
    public async Task Whoever_asks_is_told_what_was_appended_and_where()
    {
        await AppendedAsync(Sample.Notes("before"));
        var change = Sample.Notes("a", "b", "c");
        await AppendedAsync(change);

        Assert.Equal(new ChangeFate(true, 4, 3), await Store.SettleAsync(change.Id, Ct));
        Assert.Equal(new ChangeFate(true, 4, 3), await Store.SettleAsync(change.Id, Ct));
    }

    [Fact]
    public async Task A_change_that_was_said_to_be_nowhere_never_comes()
    {
        var change = Sample.Notes("late") with { Rows = [new SampleRow("one")] };

        Assert.Equal(ChangeFate.NeverCommitted, await Store.SettleAsync(change.Id, Ct));

        Assert.Equal(new AppendResult.Void(change.Id), await Store.AppendAsync(change, Ct));
        Assert.Equal(ChangeFate.NeverCommitted, await Store.SettleAsync(change.Id, Ct));
        Assert.Equal(0, await Store.ReadHeadAsync(Ct));
        Assert.Empty(await _log.RowsAsync());
    }

    [Fact]
    public async Task A_change_that_was_refused_may_be_tried_again_under_its_name()
    {
        var change = Sample.Notes(Sample.Stream, ExpectedVersion.Exactly(1), "second");
        Assert.IsType<AppendResult.VersionMoved>(await Store.AppendAsync(change, Ct));
        await AppendedAsync(Sample.Notes("first"));

        Assert.Equal(2, Assert.Single(await AppendedAsync(change)).Position);
    }
}
