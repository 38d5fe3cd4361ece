using FsCheck.Fluent;

namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    private static readonly EventCatalogue TwoNames = new(
        [("noted.v1", SampleJson.Default.Noted), ("noted.v3", SampleJson.Default.NotedInLanguage)]);

    private static readonly StreamId[] SomeStreams =
        [new("demo", "note-1"), new("demo", "note_1"), new("demo", "page-1"), new("other", "note-1"), new("other", "page-%")];

    [Theory]
    [InlineData(0, null, null, null, null, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(3, 7, null, null, null, "4 5 6 7")]
    [InlineData(3, 3, null, null, null, "")]
    [InlineData(0, 99, null, null, null, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(99, null, null, null, null, "")]
    [InlineData(0, null, "noted.v3", null, null, "2 4 6 8 10")]
    [InlineData(0, null, "noted.v1 noted.v3", null, null, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(0, null, null, "note-", null, "1 4 6 9")]
    [InlineData(0, null, null, "note_", null, "2 7")]
    [InlineData(0, null, null, "page-%", null, "5 10")]
    [InlineData(0, null, null, null, "other", "4 5 9 10")]
    [InlineData(0, null, null, "page-", "demo", "3 8")]
    [InlineData(3, 9, "noted.v3", "note", "demo", "6")]
    [InlineData(0, null, null, null, "nobody", "")]
    public async Task The_log_is_read_between_positions_by_name_stream_and_community(
        long after, int? upTo, string? names, string? prefix, string? tenant, string expected)
    {
        var store = await TenEventsAsync();
        var query = new LogQuery { After = after, UpTo = upTo, Names = names?.Split(' '), StreamPrefix = prefix, Tenant = tenant };

        var page = await store.ReadLogAsync(query, 100, Ct);

        Assert.Equal(expected, Positions(page.Events));
        Assert.Equal((Math.Max(after, Math.Min(10, upTo ?? 10)), true), (page.Position, page.IsAtEnd));
        Assert.Equal(expected, Positions(await store.StreamLogAsync(query, Ct).ToArrayAsync(Ct)));
    }

    [Fact]
    public async Task A_reader_that_goes_on_where_the_page_ends_misses_nothing_and_meets_nothing_twice()
    {
        var store = await TenEventsAsync();
        var query = new LogQuery { Tenant = "demo" };
        var pages = new List<string>();
        for (var isAtEnd = false; !isAtEnd;)
        {
            var page = await store.ReadLogAsync(query, 2, Ct);
            pages.Add($"{Positions(page.Events)} until {page.Position}");
            query = query with { After = page.Position };
            isAtEnd = page.IsAtEnd;
        }

        Assert.Equal(["1 2 until 2", "3 6 until 6", "7 8 until 8", " until 10"], pages);
    }

    [Fact]
    public async Task A_page_that_is_full_at_the_end_of_the_log_is_the_last()
    {
        var store = await TenEventsAsync();

        Assert.Equal((10, true), EndOf(await store.ReadLogAsync(LogQuery.All, 10, Ct)));
        Assert.Equal((10, true), EndOf(await store.ReadLogAsync(new LogQuery { Tenant = "other" }, 4, Ct)));
        Assert.Equal((9, false), EndOf(await store.ReadLogAsync(LogQuery.All, 9, Ct)));
        Assert.Equal((9, true), EndOf(await store.ReadLogAsync(new LogQuery { UpTo = 9 }, 9, Ct)));
        Assert.Equal((10, true), EndOf(await store.ReadLogAsync(new LogQuery { UpTo = 12 }, 100, Ct)));
    }

    [Fact]
    public async Task An_empty_log_is_at_its_end()
    {
        Assert.Equal((0, true), EndOf(await Store.ReadLogAsync(LogQuery.All, 1, Ct)));
        Assert.Equal((0, true), EndOf(await Store.ReadLogAsync(new LogQuery { Tenant = "demo" }, 1, Ct)));
        Assert.Empty(await Store.StreamLogAsync(LogQuery.All, Ct).ToArrayAsync(Ct));
    }

    [Fact]
    public async Task One_page_looks_at_so_many_positions_and_no_more()
    {
        var texts = Enumerable.Range(0, Change.EventsMax).Select(i => $"{i}").ToArray();
        for (var i = 0; i < EventStoreLimits.LogScanMax / Change.EventsMax; i++)
        {
            await AppendedAsync(Sample.Notes(texts));
        }

        await AppendedAsync(Sample.Notes(new StreamId("other", "note-1"), ExpectedVersion.Any, "after many"));
        var query = new LogQuery { Tenant = "other" };

        var first = await Store.ReadLogAsync(query, 10, Ct);
        var second = await Store.ReadLogAsync(query with { After = first.Position }, 10, Ct);

        Assert.Equal((EventStoreLimits.LogScanMax, false), EndOf(first));
        Assert.Empty(first.Events);
        Assert.Equal((EventStoreLimits.LogScanMax + 1, true), EndOf(second));
        Assert.Equal("after many", Texts(second.Events));
        Assert.Equal("after many", Texts(await Store.StreamLogAsync(query, Ct).ToArrayAsync(Ct)));
        Assert.Equal(EventStoreLimits.LogScanMax + 1, await Store.StreamLogAsync(LogQuery.All, Ct).CountAsync(Ct));
    }

    [Fact]
    public async Task Who_asks_for_a_name_is_given_what_was_stored_under_its_old_names()
    {
        await AppendedAsync(Sample.Notes("hello"));
        var later = _log.Open(Sample.LaterCatalogue);

        foreach (var name in new[] { "noted.v3", "noted.v2", "noted.v1" })
        {
            var page = await later.ReadLogAsync(new LogQuery { Names = [name] }, 10, Ct);
            Assert.Equal(new NotedInLanguage("hello", "en"), Assert.Single(page.Events).Body);
        }
    }

    [Fact]
    public async Task An_event_that_was_not_asked_for_need_not_be_readable()
    {
        await AppendedAsync(Sample.Notes("a"));
        await AppendedAsync(Sample.Notes(new StreamId("other", "note-1"), ExpectedVersion.Any, "b"));
        var other = _log.Open(new EventCatalogue([("known.v1", SampleJson.Default.Noted)]));

        var page = await other.ReadLogAsync(new LogQuery { Names = ["known.v1"] }, 10, Ct);

        Assert.Equal((2, true), EndOf(page));
        Assert.Empty(page.Events);
    }

    [Fact]
    public async Task Whoever_streams_the_log_is_given_all_that_comes_before_an_event_that_cannot_be_read()
    {
        var store = await TenEventsAsync();
        var given = new List<RecordedEvent>();

        var unread = await Assert.ThrowsAsync<UnreadableEventException>(async () =>
        {
            await foreach (var @event in Store.StreamLogAsync(new LogQuery { StreamPrefix = "page-" }, Ct))
            {
                given.Add(@event);
            }
        });

        Assert.Equal((8, "3 5"), (unread.Position, Positions(given)));
        Assert.Equal("3 5 8 10", Positions(await store.StreamLogAsync(new LogQuery { StreamPrefix = "page-" }, Ct).ToArrayAsync(Ct)));
    }

    private static readonly Dictionary<string, (LogQuery Query, string Message)> NoQueries = new(StringComparer.Ordinal)
    {
        ["before the log"] = (new() { After = -1 }, "begin with 1"),
        ["an end before the beginning"] = (new() { After = 5, UpTo = 4 }, "not before After, which is 5"),
        ["no names"] = (new() { Names = [] }, "1 to 500 names"),
        ["too many names"] = (new() { Names = [.. Enumerable.Range(0, 501).Select(i => $"{i}")] }, "1 to 500 names"),
        ["an unheard name"] = (new() { Names = ["noted.v1", "unheard.v1"] }, "'unheard.v1'"),
        ["an empty prefix"] = (new() { StreamPrefix = "" }, "1 to 200"),
        ["a prefix that is no text"] = (new() { StreamPrefix = "\0" }, "1 to 200"),
        ["a tenant that is too long"] = (new() { Tenant = new('x', StreamId.LengthMax + 1) }, "1 to 200"),
    };

    [Theory]
    [InlineData("before the log", "After")]
    [InlineData("an end before the beginning", "UpTo")]
    [InlineData("no names", "Names")]
    [InlineData("too many names", "Names")]
    [InlineData("an unheard name", "Names")]
    [InlineData("an empty prefix", "StreamPrefix")]
    [InlineData("a prefix that is no text", "StreamPrefix")]
    [InlineData("a tenant that is too long", "Tenant")]
    public async Task A_query_that_is_none_is_an_error_that_names_the_field_and_its_limit(string what, string field)
    {
        var (query, message) = NoQueries[what];

        var refused = await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.ReadLogAsync(query, 10, Ct));

        Assert.Equal(field, refused.ParamName, ignoreCase: true);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(EventStoreLimits.LogPageMax + 1)]
    public async Task A_page_of_a_query_has_a_proper_limit(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadLogAsync(LogQuery.All, limit, Ct));

    [Fact]
    public async Task Pages_of_any_size_and_filter_add_up_to_the_log()
    {
        var store = await TenEventsAsync();
        var log = await store.ReadLogAsync(0, 100, Ct);
        var cases = from after in Gen.Choose(0, 11)
                    from length in Gen.Choose(0, 12)
                    from tenant in Gen.Elements(null, "demo", "other")
                    from prefix in Gen.Elements(null, "note", "note-", "p")
                    from name in Gen.Elements(null, "noted.v1", "noted.v3")
                    from limit in Gen.Choose(1, 4)
                    select (Query: Query(after, after + length, tenant, prefix, name), limit);
        foreach (var (query, limit) in cases.Sample(60, 200))
        {
            var expected = log.Where(e => e.Position > query.After && e.Position <= query.UpTo
                && (query.Tenant is null || e.Stream.Tenant == query.Tenant)
                && (query.StreamPrefix is null || e.Stream.Key.StartsWith(query.StreamPrefix, StringComparison.Ordinal))
                && (query.Names is null || query.Names.Contains(e.Name, StringComparer.Ordinal)));
            var found = new List<RecordedEvent>();
            var rest = query;
            for (LogPage? page = null; page?.IsAtEnd != true; rest = rest with { After = page.Position })
            {
                page = await store.ReadLogAsync(rest, limit, Ct);
                found.AddRange(page.Events);
            }

            Assert.Equal(expected, found);
        }
    }

    private static LogQuery Query(int after, int upTo, string? tenant, string? prefix, string? name) =>
        new() { After = after, UpTo = upTo, Tenant = tenant, StreamPrefix = prefix, Names = name is null ? null : [name] };

    /// <summary>Two to each of five streams, in turns; every other one has the second name.</summary>
    private async Task<IEventStore> TenEventsAsync()
    {
        var store = _log.Open(TwoNames);
        for (var i = 0; i < 10; i++)
        {
            object body = i % 2 == 0 ? new Noted($"{i}") : new NotedInLanguage($"{i}", "en");
            var append = new StreamAppend(SomeStreams[i % 5], ExpectedVersion.Any, [new(Guid.CreateVersion7(), body)]);
            Assert.IsType<AppendResult.Appended>(await store.AppendAsync(new([append], EventMetadata.None, Sample.Noon), Ct));
        }

        return store;
    }

    private static (long, bool) EndOf(LogPage page) => (page.Position, page.IsAtEnd);

    private static string Positions(IEnumerable<RecordedEvent> events) => string.Join(' ', events.Select(e => e.Position));
}
