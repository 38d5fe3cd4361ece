using FsCheck.Fluent;

namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    // Nothing, almost nothing, what only differs in where it is cut, and more than any buffer begins with.
    private static readonly string?[] MetadataTexts =
        [null, "", "a", "ab", "b", "bc", "é🦊", "\"},{\"x\":\"\\", new('x', 1_023), new('y', 1_024), new('z', 5_000)];

    [Fact]
    public async Task Metadata_of_any_kind_stays_with_its_event()
    {
        var text = Gen.Elements(MetadataTexts);
        var metadata = from correlation in text
                       from causation in text
                       from actor in text
                       from trace in text
                       from times in Gen.Choose(1, 2)
                       select (Metadata: new EventMetadata(correlation, causation, actor, trace), times);
        var alike = new EventMetadata[] { new("ab", null, "c", null), new("cb", null, "a", null), new("a", null, "bc", null) };
        var expected = new List<EventMetadata>();
        foreach (var (one, times) in alike.Select(m => (m, 1)).Concat(metadata.Sample(50, 80)))
        {
            await AppendedAsync(Sample.Notes([.. Enumerable.Repeat("x", times)]) with { Metadata = one });
            expected.AddRange(Enumerable.Repeat(one, times));
        }

        Assert.Equal(expected, (await WholeLogAsync()).Select(e => e.Metadata));
        Assert.Equal(expected, (await Store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(e => e.Metadata));
    }

    [Fact]
    public async Task Bodies_of_any_length_are_read_back_whole_in_any_order()
    {
        int[] lengths = [0, 1, 4_070, 4_071, 4_072, 4_073, 4_074, 4_075, 4_076, 4_095, 4_096, 4_097, 3, 300_000, 2];
        var texts = lengths.Select(n => new string('x', n)).Append(new string('é', 5_000)).ToArray();
        await AppendedAsync(Sample.Notes(texts));

        Assert.Equal(texts, (await WholeLogAsync()).Select(Sample.Text));
    }

    [Fact]
    public async Task Streams_that_take_turns_are_told_apart()
    {
        StreamId[] streams = [new("demo", "note-1"), new("other", "note-1"), new("demo", "note-11"), new("d", "emonote-1")];
        for (var i = 0; i < 12; i++)
        {
            await AppendedAsync(Sample.Notes(streams[i * 5 % 4], ExpectedVersion.Any, $"{i}"));
        }

        var expected = Enumerable.Range(0, 12).Select(i => (streams[i * 5 % 4], $"{i}"));
        Assert.Equal(expected, (await WholeLogAsync()).Select(e => (e.Stream, Sample.Text(e))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(500)]
    public async Task A_name_of_any_length_is_found_in_the_catalogue(int length)
    {
        var name = new string('n', length);
        var store = _log.Open(new EventCatalogue([(name, SampleJson.Default.Noted)]));
        await store.AppendAsync(Sample.Notes("a"), Ct);

        Assert.Equal(name, Assert.Single((await store.ReadStreamAsync(Sample.Stream, Ct)).Events).Name);
        await Assert.ThrowsAsync<UnreadableEventException>(() => Store.ReadStreamAsync(Sample.Stream, Ct));
    }
}
