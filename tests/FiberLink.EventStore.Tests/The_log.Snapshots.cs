using System.Text;
using FiberLink.EventStore.Snapshots;
using FiberLink.Testing;
using FsCheck.Fluent;

namespace FiberLink.EventStore.Tests;

public abstract partial class The_log<TLog>
{
    private readonly ManualTime _time = new();
    private readonly LinesLogged<StreamSnapshots> _logged = new();

    [Fact]
    public async Task From_any_snapshot_on_the_state_is_what_it_is_from_the_beginning()
    {
        var histories = from texts in Gen.Elements("a", "bb", "ccc", "long enough").NonEmptyListOf()
                        from batches in Gen.Choose(1, 5).ListOf(texts.Count)
                        from tails in Gen.Choose(1, 6).ListOf(texts.Count)
                        from isAsked in Gen.Elements(true, false).ListOf(texts.Count)
                        select (texts, batches, tails, isAsked);
        var number = 0;
        foreach (var (texts, batches, tails, isAsked) in histories.Sample(12, 25))
        {
            var stream = new StreamId("demo", $"history-{++number}");
            var snapshots = Open(Sample.Catalogue);
            for (var (at, step) = (0, 0); at < texts.Count; at += batches[step], step++)
            {
                await AppendedAsync(Sample.Notes(stream, ExpectedVersion.Exactly(at), [.. texts.Skip(at).Take(batches[step])]));
                if (isAsked[step])
                {
                    await StateIsRightAsync(snapshots, stream, tails[step]);
                }
            }

            await StateIsRightAsync(snapshots, stream, 1);
            await StateIsRightAsync(snapshots, stream, 1);
        }
    }

    [Fact]
    public async Task What_a_snapshot_holds_is_not_read_again()
    {
        await TwoNotesAndASnapshotAsync();
        var later = _log.Open(TwoNames);
        var third = new NewEvent(Guid.CreateVersion7(), new NotedInLanguage("c", "en"));
        var append = new StreamAppend(Sample.Stream, ExpectedVersion.Exactly(2), [third]);
        await later.AppendAsync(new([append], EventMetadata.None, Sample.Noon), Ct);

        // This one cannot read the first two.
        var only = new EventCatalogue([("noted.v3", SampleJson.Default.NotedInLanguage)]);
        var loaded = await Open(only).LoadAsync(Sample.Stream, SampleStates.Notes(), Ct);

        Assert.Equal(3, loaded.Version);
        Assert.Equal(["a", "b", "c"], loaded.State.Last);
        await Assert.ThrowsAsync<UnreadableEventException>(
            () => Open(only).LoadAsync(Sample.Stream, SampleStates.Notes(foldVersion: 2), Ct));
    }

    [Theory]
    [InlineData(2, 3, false)]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, true)]
    public async Task A_snapshot_is_taken_when_the_events_after_the_last_are_many(int events, int tail, bool isTaken)
    {
        await AppendedAsync(Sample.Notes([.. Enumerable.Repeat("x", events)]));
        var of = SampleStates.Notes(tail);

        await Open(Sample.Catalogue).LoadAsync(Sample.Stream, of, Ct);

        Assert.Equal(isTaken ? events : null, (await KeptAsync(of))?.Version);
        Assert.Equal(isTaken ? _time.GetUtcNow() : null, (await KeptAsync(of))?.TakenAt);
    }

    [Fact]
    public async Task A_stream_that_nobody_wrote_to_or_could_have_is_where_the_state_starts()
    {
        foreach (var stream in new StreamId[] { Sample.Stream, new("demo", "\0"), default })
        {
            var loaded = await Open(Sample.Catalogue).LoadAsync(stream, SampleStates.Notes(), Ct);
            Assert.Equal(0, loaded.Version);
            Assert.Same(NotesSeen.None, loaded.State);
        }
    }

    [Fact]
    public async Task A_snapshot_of_another_shape_is_not_used_and_is_replaced()
    {
        await TwoNotesAndASnapshotAsync();
        var changed = SampleStates.Notes(foldVersion: 2);
        Assert.Null(await KeptAsync(changed));

        await Open(Sample.Catalogue).LoadAsync(Sample.Stream, changed, Ct);

        Assert.Equal(2, (await KeptAsync(changed))?.Version);
        Assert.Null(await KeptAsync(SampleStates.Notes()));
        Assert.Empty(_logged.Lines);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"no": 1}""")]
    [InlineData("\"text\"")]
    public async Task A_snapshot_that_cannot_be_read_is_said_and_the_log_is_read_instead_and_a_new_one_taken(string data)
    {
        await TwoNotesAndASnapshotAsync();
        var of = SampleStates.Notes();
        await _log.Snapshots(Sample.Catalogue).WriteAsync(
            Sample.Stream, (await KeptAsync(of))! with { Data = Encoding.UTF8.GetBytes(data) }, Ct);

        await StateIsRightAsync(Open(Sample.Catalogue), Sample.Stream, 1);

        Assert.Contains("cannot be read", Assert.Single(_logged.Lines), StringComparison.Ordinal);
        await StateIsRightAsync(Open(Sample.Catalogue), Sample.Stream, 1);
        Assert.Single(_logged.Lines);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(2, 1)]
    [InlineData(99, 99)]
    public async Task A_snapshot_that_the_log_does_not_confirm_is_not_used(long version, long position)
    {
        await AppendedAsync(Sample.Notes("a", "b"));
        await AppendedAsync(Sample.Notes(new StreamId("demo", "note-2"), ExpectedVersion.Any, "elsewhere"));
        var of = SampleStates.Notes();
        var lie = Encoding.UTF8.GetBytes(SampleStates.Written(NotesSeen.None));
        var store = _log.Snapshots(Sample.Catalogue);
        await store.WriteAsync(Sample.Stream, new(of.Name, of.Shape, version, position, lie, Sample.Noon), Ct);

        Assert.Null(await KeptAsync(of));
        await StateIsRightAsync(Open(Sample.Catalogue), Sample.Stream, 100);
    }

    [Fact]
    public async Task A_snapshot_gives_way_to_a_later_one_and_to_one_of_another_shape_and_to_no_other()
    {
        await AppendedAsync(Sample.Notes("a", "b", "c"));
        var of = SampleStates.Notes();
        var data = Encoding.UTF8.GetBytes(SampleStates.Written(NotesSeen.None));
        var store = _log.Snapshots(Sample.Catalogue);
        var at = new Func<long, string, StoredSnapshot>((n, shape) => new(of.Name, shape, n, n, data, Sample.Noon.AddHours(n)));

        await store.WriteAsync(Sample.Stream, at(2, of.Shape), Ct);
        await store.WriteAsync(Sample.Stream, at(1, of.Shape), Ct);
        Assert.Equal(2, (await KeptAsync(of))?.Version);
        await store.WriteAsync(Sample.Stream, at(3, of.Shape), Ct);
        Assert.Equal(3, (await KeptAsync(of))?.Version);
        await store.WriteAsync(Sample.Stream, at(1, "another"), Ct);
        Assert.Null(await KeptAsync(of));
        Assert.Equal(1, (await store.ReadAsync(Sample.Stream, of.Name, "another", Ct)).Snapshot?.Version);
    }

    [Fact]
    public async Task Snapshots_are_of_one_stream_and_one_state_and_can_be_thrown_away()
    {
        StreamId[] streams = [Sample.Stream, new("other", Sample.Stream.Key)];
        SnapshotOf<NotesSeen>[] states = [SampleStates.Notes(), SampleStates.Notes(name: "also")];
        foreach (var stream in streams)
        {
            await AppendedAsync(Sample.Notes(stream, ExpectedVersion.NoStream, $"of {stream.Tenant}"));
            foreach (var state in states)
            {
                await Open(Sample.Catalogue).LoadAsync(stream, state, Ct);
            }
        }

        var store = _log.Snapshots(Sample.Catalogue);
        foreach (var stream in streams)
        {
            Assert.Equal([$"of {stream.Tenant}"], (await Open(Sample.Catalogue).LoadAsync(stream, states[0], Ct)).State.Last);
        }

        Assert.Equal(2, await store.DropAsync("also", Ct));
        Assert.Null(await KeptAsync(states[1]));
        Assert.NotNull(await KeptAsync(states[0]));
        Assert.Equal(2, await store.DropAsync(null, Ct));
        Assert.Equal(0, await store.DropAsync(null, Ct));
        await StateIsRightAsync(Open(Sample.Catalogue), Sample.Stream, 1);
    }

    private StreamSnapshots Open(EventCatalogue catalogue) => new(_log.Snapshots(catalogue), _time, _logged);

    private async Task<StoredSnapshot?> KeptAsync(SnapshotOf<NotesSeen> of) =>
        (await _log.Snapshots(Sample.Catalogue).ReadAsync(Sample.Stream, of.Name, of.Shape, Ct)).Snapshot;

    private async Task TwoNotesAndASnapshotAsync()
    {
        await AppendedAsync(Sample.Notes("a", "b"));
        await Open(Sample.Catalogue).LoadAsync(Sample.Stream, SampleStates.Notes(), Ct);
        Assert.Equal(2, (await KeptAsync(SampleStates.Notes()))?.Version);
    }

    private async Task StateIsRightAsync(StreamSnapshots snapshots, StreamId stream, int tail)
    {
        var whole = await Store.ReadStreamAsync(stream, Ct);

        var loaded = await snapshots.LoadAsync(stream, SampleStates.Notes(tail), Ct);

        Assert.Equal(whole.Version, loaded.Version);
        Assert.Equal(SampleStates.Written(whole.Events.Aggregate(NotesSeen.None, NotesSeen.Fold)), SampleStates.Written(loaded.State));
    }
}
