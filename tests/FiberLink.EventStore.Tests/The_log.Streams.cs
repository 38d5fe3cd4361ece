namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    [Theory]
    [InlineData(null, null, false, "a b c d e")]
    [InlineData(1, null, false, "a b c d e")]
    [InlineData(3, null, false, "c d e")]
    [InlineData(3, 2, false, "c d")]
    [InlineData(5, 9, false, "e")]
    [InlineData(6, null, false, "")]
    [InlineData(null, null, true, "e d c b a")]
    [InlineData(null, 2, true, "e d")]
    [InlineData(3, null, true, "c b a")]
    [InlineData(3, 1, true, "c")]
    [InlineData(1, 9, true, "a")]
    [InlineData(99, 2, true, "e d")]
    public async Task A_part_of_a_stream_is_read_from_a_version_on_in_either_direction(
        int? from, int? atMost, bool isBackwards, string expected)
    {
        await AppendedAsync(Sample.Notes(new StreamId("demo", "note-0"), ExpectedVersion.Any, "elsewhere"));
        await AppendedAsync(Sample.Notes("a", "b", "c", "d", "e"));
        await AppendedAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.Any, "elsewhere"));

        var stream = await Store.ReadStreamAsync(Sample.Stream, new() { From = from, AtMost = atMost, IsBackwards = isBackwards }, Ct);

        Assert.Equal(expected, Texts(stream.Events));
        Assert.Equal((Sample.Stream, 5), (stream.Id, stream.Version));
    }

    [Fact]
    public async Task The_whole_range_of_a_stream_is_the_stream()
    {
        await AppendedAsync(Sample.Notes("a", "b") with { Metadata = new("request", null, "app:demo", null) });
        var whole = await Store.ReadStreamAsync(Sample.Stream, Ct);

        var range = await Store.ReadStreamAsync(Sample.Stream, StreamRange.Whole, Ct);

        Assert.Equal(whole.Version, range.Version);
        Assert.Equal(whole.Events, range.Events);
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1, 1, "a")]
    [InlineData(2, 1, "a")]
    [InlineData(3, 2, "a b")]
    [InlineData(4, 3, "a b c")]
    [InlineData(99, 3, "a b c")]
    public async Task A_stream_is_read_as_it_was_at_a_position_of_the_log(long position, long version, string expected)
    {
        await AppendedAsync(Sample.Notes("a"));
        await AppendedAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.Any, "elsewhere"));
        await AppendedAsync(Sample.Notes("b", "c"));

        var asOf = new LogPoint.Position(position);
        var then = await Store.ReadStreamAsync(Sample.Stream, new() { AsOf = asOf }, Ct);
        var last = await Store.ReadStreamAsync(Sample.Stream, new() { AsOf = asOf, IsBackwards = true, AtMost = 1 }, Ct);

        Assert.Equal((version, expected), (then.Version, Texts(then.Events)));
        Assert.Equal((version, expected.Split(' ')[^1]), (last.Version, Texts(last.Events)));
    }

    [Theory]
    [InlineData(-1, 0, "")]
    [InlineData(0, 1, "a")]
    [InlineData(9, 1, "a")]
    [InlineData(10, 2, "a b")]
    [InlineData(99, 3, "a b c")]
    public async Task A_stream_is_read_as_it_was_at_a_time(int minute, long version, string expected)
    {
        await AppendedAsync(Sample.Notes("a"));
        await AppendedAsync(Sample.Notes("b") with { At = Sample.Noon.AddMinutes(10) });
        await AppendedAsync(Sample.Notes("c") with { At = Sample.Noon.AddMinutes(20) });

        var asOf = new LogPoint.Time(Sample.Noon.AddMinutes(minute).ToOffset(TimeSpan.FromHours(2)));
        var then = await Store.ReadStreamAsync(Sample.Stream, new() { AsOf = asOf }, Ct);

        Assert.Equal((version, expected), (then.Version, Texts(then.Events)));
    }

    [Fact]
    public async Task A_stream_as_it_was_has_no_hole_where_a_clock_ran_ahead()
    {
        await AppendedAsync(Sample.Notes("a"));
        await AppendedAsync(Sample.Notes("by a clock that ran ahead") with { At = Sample.Noon.AddHours(1) });
        await AppendedAsync(Sample.Notes("c") with { At = Sample.Noon.AddMinutes(1) });
        await AppendedAsync(Sample.Notes("d") with { At = Sample.Noon.AddHours(2) });

        var then = await Store.ReadStreamAsync(Sample.Stream, new() { AsOf = new LogPoint.Time(Sample.Noon.AddMinutes(5)) }, Ct);

        Assert.Equal([1L, 2, 3], then.Events.Select(e => e.Version));
        Assert.Equal(3, then.Version);
    }

    [Fact]
    public async Task The_version_as_of_a_point_is_told_even_when_no_event_is_asked_for()
    {
        await AppendedAsync(Sample.Notes("a", "b", "c"));

        var later = await Store.ReadStreamAsync(Sample.Stream, new() { From = 3, AsOf = new LogPoint.Position(2) }, Ct);

        Assert.Equal(2, later.Version);
        Assert.Empty(later.Events);
    }

    [Theory]
    [InlineData("nobody wrote to it")]
    [InlineData("\0")]
    [InlineData("note-\ud83e")]
    [InlineData("")]
    public async Task A_stream_that_nobody_wrote_to_or_could_have_is_empty_however_it_is_read(string key)
    {
        var stream = new StreamId("demo", key);
        await AppendedAsync(Sample.Notes("a"));

        foreach (var range in new StreamRange[]
        {
            new(), new() { IsBackwards = true }, new() { AsOf = new LogPoint.Position(1) }, new() { AsOf = new LogPoint.Time(Sample.Noon) },
        })
        {
            var read = await Store.ReadStreamAsync(stream, range, Ct);
            Assert.Equal((stream, 0), (read.Id, read.Version));
            Assert.Empty(read.Events);
        }

        Assert.Equal(0, (await Store.ReadStreamAsync(stream, Ct)).Version);
        Assert.Equal(0, (await Store.ReadStreamAsync(default, Ct)).Version);
    }

    private static readonly Dictionary<string, (StreamRange Range, string Message)> NoRanges = new(StringComparer.Ordinal)
    {
        ["from 0"] = (new() { From = 0 }, "versions begin with 1"),
        ["backwards from less than nothing"] = (new() { From = -1, IsBackwards = true }, "versions begin with 1"),
        ["none at all"] = (new() { AtMost = 0 }, "1 to 100000 events"),
        ["too many"] = (new() { AtMost = EventStoreLimits.StreamEventsMax + 1 }, "1 to 100000 events"),
        ["before the log"] = (new() { AsOf = new LogPoint.Position(-1) }, "begin with 1"),
    };

    [Theory]
    [InlineData("from 0", "From")]
    [InlineData("backwards from less than nothing", "From")]
    [InlineData("none at all", "AtMost")]
    [InlineData("too many", "AtMost")]
    [InlineData("before the log", "AsOf")]
    public async Task A_range_that_is_none_is_an_error_that_names_the_field_and_its_limit(string what, string field)
    {
        var (range, message) = NoRanges[what];

        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadStreamAsync(Sample.Stream, range, Ct));

        Assert.Equal(field, refused.ParamName);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_outside_the_range_need_not_be_readable()
    {
        await AppendedAsync(Sample.Notes("a"));
        await AppendedAsync(Sample.Notes("b"));
        var other = _log.Open(new EventCatalogue([("noted.v1", SampleJson.Default.NotedInLanguage)]));

        var none = await other.ReadStreamAsync(Sample.Stream, new() { From = 3 }, Ct);

        Assert.Equal(2, none.Version);
        await Assert.ThrowsAsync<UnreadableEventException>(() => other.ReadStreamAsync(Sample.Stream, new() { From = 2 }, Ct));
    }

    private static string Texts(IEnumerable<RecordedEvent> events) => string.Join(' ', events.Select(Sample.Text));
}
