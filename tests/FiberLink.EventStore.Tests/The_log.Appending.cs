namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    [Fact]
    public async Task What_was_appended_is_read_back_whole()
    {
        var by = new NotedBy("Zoë \"Z\" \\ 🦊 \u0001", Guid.CreateVersion7(), Sample.Noon.AddTicks(7));
        var body = new Noted("kept", int.MinValue, by);
        var id = Guid.CreateVersion7();
        var metadata = new EventMetadata("request-1", "message-1", "app:demo", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        var at = new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2)).AddTicks(19);

        var answered = Assert.Single(await AppendedAsync(
            new([new(Sample.Stream, ExpectedVersion.NoStream, [new(id, body)])], metadata, at)));

        var expected = new RecordedEvent(
            1, Sample.Stream, 1, id, "noted.v1", body, new DateTimeOffset(2026, 3, 29, 0, 30, 0, TimeSpan.Zero).AddTicks(10), metadata);
        Assert.Equal(expected, answered);
        Assert.Equal(expected, Assert.Single((await Store.ReadStreamAsync(Sample.Stream, Ct)).Events));
        Assert.Equal(expected, Assert.Single(await WholeLogAsync()));
    }

    [Fact]
    public async Task Metadata_that_nobody_gave_is_read_back_as_nothing()
    {
        await AppendedAsync(Sample.Notes("bare"));

        Assert.Equal(EventMetadata.None, Assert.Single(await WholeLogAsync()).Metadata);
    }

    [Fact]
    public async Task A_stream_that_nobody_wrote_to_is_empty()
    {
        var stream = await Store.ReadStreamAsync(Sample.Stream, Ct);

        Assert.Equal((Sample.Stream, 0), (stream.Id, stream.Version));
        Assert.Empty(stream.Events);
    }

    [Fact]
    public async Task Versions_of_a_stream_are_dense_from_1()
    {
        await AppendedAsync(Sample.Notes("a", "b"));
        await AppendedAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.Any, "elsewhere"));
        await AppendedAsync(Sample.Notes("c"));

        var stream = await Store.ReadStreamAsync(Sample.Stream, Ct);

        Assert.Equal(3, stream.Version);
        Assert.Equal([(1, "a"), (2, "b"), (3, "c")], stream.Events.Select(e => (e.Version, Sample.Text(e))));
    }

    [Fact]
    public async Task Several_streams_in_one_change_are_appended_to_together()
    {
        StreamId first = new("demo", "note-1"), second = new("demo", "note-2");
        await AppendedAsync(Sample.Notes(second, ExpectedVersion.NoStream, "before"));

        await AppendedAsync(new(
            [
                new(second, ExpectedVersion.Exactly(1), [Sample.Note("x")]),
                new(first, ExpectedVersion.NoStream, [Sample.Note("y"), Sample.Note("z")]),
            ],
            EventMetadata.None,
            Sample.Noon));

        Assert.Equal(["before", "x"], (await Store.ReadStreamAsync(second, Ct)).Events.Select(Sample.Text));
        Assert.Equal(["y", "z"], (await Store.ReadStreamAsync(first, Ct)).Events.Select(Sample.Text));
        Assert.Equal([1, 2, 3, 4], (await WholeLogAsync()).Select(e => e.Position));
    }

    [Fact]
    public async Task When_one_stream_of_several_has_moved_nothing_is_appended_to_any()
    {
        StreamId first = new("demo", "note-1"), second = new("demo", "note-2");
        await AppendedAsync(Sample.Notes(second, ExpectedVersion.NoStream, "before"));

        var result = await Store.AppendAsync(
            new(
                [new(first, ExpectedVersion.NoStream, [Sample.Note("y")]), new(second, ExpectedVersion.NoStream, [Sample.Note("x")])],
                EventMetadata.None,
                Sample.Noon),
            Ct);

        Assert.Equal(new AppendResult.VersionMoved(second, ExpectedVersion.NoStream), result);
        Assert.Equal("before", Sample.Text(Assert.Single(await WholeLogAsync())));
    }

    [Theory]
    [InlineData(0, "none", true)]
    [InlineData(1, "none", false)]
    [InlineData(0, "any", true)]
    [InlineData(2, "any", true)]
    [InlineData(0, "0", true)]
    [InlineData(1, "0", false)]
    [InlineData(0, "1", false)]
    [InlineData(1, "1", true)]
    [InlineData(2, "1", false)]
    [InlineData(1, "2", false)]
    public async Task An_append_succeeds_when_the_stream_is_as_presumed(int before, string presumed, bool succeeds)
    {
        for (var i = 0; i < before; i++)
        {
            await AppendedAsync(Sample.Notes("before"));
        }

        var expected = presumed switch
        {
            "none" => ExpectedVersion.NoStream,
            "any" => ExpectedVersion.Any,
            _ => ExpectedVersion.Exactly(long.Parse(presumed, System.Globalization.CultureInfo.InvariantCulture)),
        };
        var result = await Store.AppendAsync(Sample.Notes(Sample.Stream, expected, "now"), Ct);

        Assert.Equal(succeeds, result is AppendResult.Appended);
        Assert.Equal(succeeds, result is not AppendResult.VersionMoved);
        Assert.Equal(before + (succeeds ? 1 : 0), (await Store.ReadStreamAsync(Sample.Stream, Ct)).Version);
    }

    [Fact]
    public async Task The_same_key_in_two_communities_names_two_streams()
    {
        StreamId here = new("demo", "note-1"), there = new("other", "note-1");
        await AppendedAsync(Sample.Notes(here, ExpectedVersion.NoStream, "here"));

        await AppendedAsync(Sample.Notes(there, ExpectedVersion.NoStream, "there"));

        Assert.Equal("here", Sample.Text(Assert.Single((await Store.ReadStreamAsync(here, Ct)).Events)));
        Assert.Equal("there", Sample.Text(Assert.Single((await Store.ReadStreamAsync(there, Ct)).Events)));
    }

    [Fact]
    public async Task Rows_commit_with_the_events()
    {
        await AppendedAsync(Sample.Notes("a") with { Rows = [new SampleRow("one"), new SampleRow("two")] });

        Assert.Equal(["one", "two"], await _log.RowsAsync());
    }

    [Fact]
    public async Task A_change_of_rows_alone_writes_them_and_appends_nothing()
    {
        Assert.Empty(await AppendedAsync(Change.OfRows(EventMetadata.None, Sample.Noon, new SampleRow("alone"))));

        Assert.Equal(["alone"], await _log.RowsAsync());
        Assert.Equal(0, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task A_row_that_breaks_a_constraint_takes_everything_with_it()
    {
        await AppendedAsync(Sample.Notes("a") with { Rows = [new SampleRow("one")] });

        var result = await Store.AppendAsync(
            Sample.Notes("b") with
            {
                Rows = [new SampleRow("two"), new SampleRow("one")],
                Claims = [new("demo", "scope", "key", "holder", Sample.Noon.AddDays(1))],
            },
            Ct);

        Assert.Equal(new AppendResult.ConstraintBroken(SampleRow.Unique), result);
        Assert.Equal("a", Sample.Text(Assert.Single(await WholeLogAsync())));
        Assert.Equal(["one"], await _log.RowsAsync());
        await AppendedAsync(Sample.Claiming(new("demo", "scope", "key", "another", Sample.Noon.AddDays(1)), Sample.Noon));
    }

    [Fact]
    public async Task A_change_of_nothing_succeeds_and_appends_nothing()
    {
        Assert.Empty(await AppendedAsync(new([], EventMetadata.None, Sample.Noon)));

        Assert.Equal(0, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing_and_leave_no_gap()
    {
        const int writers = 8;
        const int each = 12;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(
            async () =>
            {
                for (var i = 0; i < each; i++)
                {
                    var stream = new StreamId("demo", $"note-{(w + i) % 5}");
                    await AppendedAsync(Sample.Notes(stream, ExpectedVersion.Any, $"{w}/{i}", $"{w}/{i}+"));
                }
            },
            Ct)));

        var log = await WholeLogAsync();

        Assert.Equal(Enumerable.Range(1, 2 * writers * each).Select(p => (long)p), log.Select(e => e.Position));
        Assert.Equal(2 * writers * each, log.Select(Sample.Text).Distinct(StringComparer.Ordinal).Count());
        Assert.All(
            log.GroupBy(e => e.Stream),
            s => Assert.Equal(Enumerable.Range(1, s.Count()).Select(v => (long)v), s.Select(e => e.Version)));
    }
}
