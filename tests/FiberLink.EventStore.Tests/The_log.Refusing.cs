namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    private static readonly Dictionary<string, Change> Malformed = new(StringComparer.Ordinal)
    {
        ["no event in an append"] = Sample.Notes([]),
        ["a stream twice"] = new(
            [
                new(Sample.Stream, ExpectedVersion.Any, [Sample.Note("once")]),
                new(Sample.Stream, ExpectedVersion.Any, [Sample.Note("twice")]),
            ],
            EventMetadata.None,
            Sample.Noon),
        ["an event that nothing catalogues"] =
            Sample.Notes("a") with
            {
                Appends = [new(Sample.Stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), new Unheard("what"))])],
            },
        ["too many events"] = Sample.Notes([.. Enumerable.Range(0, Change.EventsMax + 1).Select(i => $"{i}")]),
        ["an empty key"] = Sample.Notes(new StreamId("demo", ""), ExpectedVersion.Any, "a"),
        ["no key"] = Sample.Notes(default, ExpectedVersion.Any, "a"),
        ["a key that is too long"] = Sample.Notes(new StreamId("demo", new('x', StreamId.LengthMax + 1)), ExpectedVersion.Any, "a"),
        ["a tenant that is too long"] = Sample.Notes(new StreamId(new('x', StreamId.LengthMax + 1), "note-1"), ExpectedVersion.Any, "a"),
        ["a key that is no text"] = Sample.Notes(new StreamId("demo", "note-\0"), ExpectedVersion.Any, "a"),
        ["a key of half a character"] = Sample.Notes(new StreamId("demo", "note-\ud83e"), ExpectedVersion.Any, "a"),
        ["a body with a character that is none"] = Sample.Notes("nothing\0 follows"),
        ["metadata that is no text"] = Sample.Notes("a") with { Metadata = new("request\0", null, null, null) },
        ["a trace parent that is no text"] = Sample.Notes("a") with { Metadata = new(null, null, null, "00\0") },
        ["a claim without a key"] = Sample.Notes("a") with { Claims = [new("demo", "scope", "", "holder", Sample.Noon)] },
        ["a claim that is no text"] = Sample.Notes("a") with { Claims = [new("demo", "scope", "\0", "holder", Sample.Noon)] },
        ["a claim that is too long"] =
            Sample.Notes("a") with { Claims = [new("demo", "scope", new('x', Claim.LengthMax + 1), "holder", Sample.Noon)] },
        ["a row that nothing takes"] = Sample.Notes("a") with { Rows = [new StrayRow()] },
        ["a row that nothing takes, alone"] = Change.OfRows(EventMetadata.None, Sample.Noon, new StrayRow()),
    };

    [Theory]
    [InlineData("no event in an append")]
    [InlineData("a stream twice")]
    [InlineData("an event that nothing catalogues")]
    [InlineData("too many events")]
    [InlineData("an empty key")]
    [InlineData("no key")]
    [InlineData("a key that is too long")]
    [InlineData("a tenant that is too long")]
    [InlineData("a key that is no text")]
    [InlineData("a key of half a character")]
    [InlineData("a body with a character that is none")]
    [InlineData("metadata that is no text")]
    [InlineData("a trace parent that is no text")]
    [InlineData("a claim without a key")]
    [InlineData("a claim that is no text")]
    [InlineData("a claim that is too long")]
    [InlineData("a row that nothing takes")]
    [InlineData("a row that nothing takes, alone")]
    public async Task A_malformed_change_is_an_error_and_writes_nothing(string what)
    {
        await AppendedAsync(Sample.Notes("before"));

        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.AppendAsync(Malformed[what], Ct));

        await AppendedAsync(Sample.Notes("after"));
        Assert.Equal([(1, "before"), (2, "after")], (await WholeLogAsync()).Select(e => (e.Position, Sample.Text(e))));
    }

    [Fact]
    public async Task A_backslash_before_u0000_in_a_text_is_only_text()
    {
        await AppendedAsync(Sample.Notes("a path: c:\\u0000"));

        Assert.Equal("a path: c:\\u0000", Sample.Text(Assert.Single(await WholeLogAsync())));
    }

    [Fact]
    public async Task The_largest_change_and_the_longest_names_are_taken()
    {
        var longest = new StreamId(new('t', StreamId.LengthMax), new('k', StreamId.LengthMax));
        var texts = Enumerable.Range(0, Change.EventsMax).Select(i => $"{i}").ToArray();
        await AppendedAsync(Sample.Notes(longest, ExpectedVersion.NoStream, texts) with
        {
            Claims = [new("demo", "scope", new('x', Claim.LengthMax), "holder", Sample.Noon.AddDays(1))],
        });

        Assert.Equal(Change.EventsMax, (await Store.ReadStreamAsync(longest, Ct)).Version);
    }

    [Fact]
    public async Task Refused_changes_of_every_kind_leave_no_gap_in_the_positions()
    {
        var claim = new Claim("demo", "scope", "key", "holder", Sample.Noon.AddDays(1));
        await AppendedAsync(Sample.Notes("a") with { Claims = [claim], Rows = [new SampleRow("one")] });

        Assert.IsType<AppendResult.VersionMoved>(await Store.AppendAsync(Sample.Notes(Sample.Stream, ExpectedVersion.NoStream, "x"), Ct));
        await AppendedAsync(Sample.Notes("b"));
        Assert.IsType<AppendResult.ClaimTaken>(
            await Store.AppendAsync(Sample.Notes("x", "y") with { Claims = [claim with { Holder = "another" }] }, Ct));
        await AppendedAsync(Sample.Notes(new StreamId("other", "note-1"), ExpectedVersion.Any, "c"));
        Assert.IsType<AppendResult.ConstraintBroken>(await Store.AppendAsync(Sample.Notes("x") with { Rows = [new SampleRow("one")] }, Ct));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.AppendAsync(Sample.Notes("x") with { Rows = [new StrayRow()] }, Ct));
        await AppendedAsync(Sample.Notes("d"));

        Assert.Equal([(1, "a"), (2, "b"), (3, "c"), (4, "d")], (await WholeLogAsync()).Select(e => (e.Position, Sample.Text(e))));
        Assert.Equal(4, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task Who_gives_up_before_the_append_has_appended_nothing()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendAsync(Sample.Notes("a"), gone.Token));

        Assert.Equal(0, await Store.ReadHeadAsync(Ct));
    }

    [Fact]
    public async Task An_event_that_this_program_does_not_know_is_an_error_that_says_where_it_is()
    {
        await AppendedAsync(Sample.Notes("a", "b"));
        var other = _log.Open(new EventCatalogue([]));

        var broken = await Assert.ThrowsAsync<UnreadableEventException>(() => other.ReadLogAsync(1, 10, Ct));

        Assert.Contains("noted.v1", broken.Message, StringComparison.Ordinal);
        Assert.Equal(2, broken.Position);
        await Assert.ThrowsAsync<UnreadableEventException>(() => other.ReadStreamAsync(Sample.Stream, Ct));
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_name_promises_is_an_error()
    {
        await AppendedAsync(Sample.Notes("a"));
        var other = _log.Open(new EventCatalogue([("noted.v1", SampleJson.Default.NotedInLanguage)]));

        await Assert.ThrowsAsync<UnreadableEventException>(() => other.ReadStreamAsync(Sample.Stream, Ct));
    }

    [Fact]
    public async Task A_body_that_is_only_understood_in_the_order_it_was_written_in_cannot_be_read_back()
    {
        var drawing = _log.Open(new EventCatalogue([("drawn.v1", SampleJson.Default.Drawn)]));
        await drawing.AppendAsync(
            new(
                [new(Sample.Stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), new Drawn(new Circle(3)))])],
                EventMetadata.None,
                Sample.Noon),
            Ct);

        await Assert.ThrowsAsync<UnreadableEventException>(() => drawing.ReadStreamAsync(Sample.Stream, Ct));
    }

    [Fact]
    public async Task Upcasters_follow_on_each_other()
    {
        await AppendedAsync(Sample.Notes("hello"));

        var later = Assert.Single((await _log.Open(Sample.LaterCatalogue).ReadStreamAsync(Sample.Stream, Ct)).Events);

        Assert.Equal(new NotedInLanguage("hello", "en"), later.Body);
        Assert.Equal("noted.v1", later.Name);
    }

    [Fact]
    public async Task An_upcaster_that_stumbles_is_an_error_that_says_where()
    {
        await AppendedAsync(Sample.Notes("hello"));
        var stumbling = _log.Open(new EventCatalogue(
            [("noted.v2", SampleJson.Default.Noted)],
            [new Upcast("noted.v1", "noted.v2", old => new() { ["text"] = old["never there"]!.DeepClone() })]));

        var broken = await Assert.ThrowsAsync<UnreadableEventException>(() => stumbling.ReadLogAsync(0, 10, Ct));

        Assert.Equal(1, broken.Position);
    }

    [Fact]
    public void Upcasters_that_go_round_in_a_circle_end_in_an_error()
    {
        var circle = new EventCatalogue([], [new("a", "b", o => o), new("b", "a", o => o)]);

        Assert.Throws<UnreadableEventException>(() => circle.Read("a", "{}"));
    }

    [Theory]
    [InlineData("note-\u00e9")]
    [InlineData("note-e\u0301")]
    [InlineData("note-E")]
    [InlineData("note-\ud83e\udd8a")]
    [InlineData("note-\uffee")]
    [InlineData("note- ")]
    public async Task A_key_in_any_script_is_told_apart_exactly(string key)
    {
        var stream = new StreamId("demo", key);
        StreamId[] others = [new("demo", "note-e"), new("demo", "note-\ufffd"), new("demo", "note-\uffee\uffee"), new("demo", "note-")];

        var appends = others.Append(stream).Select(s => new StreamAppend(s, ExpectedVersion.NoStream, [Sample.Note(s.Key)]));
        await AppendedAsync(new([.. appends], EventMetadata.None, Sample.Noon));

        Assert.Equal(key, Sample.Text(Assert.Single((await Store.ReadStreamAsync(stream, Ct)).Events)));
    }
}
