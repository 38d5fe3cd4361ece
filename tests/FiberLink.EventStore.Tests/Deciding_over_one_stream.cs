using FiberLink.EventStore.InMemory;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Many commands for one stream at once.</summary>
public sealed class Deciding_over_one_stream(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private const string Full = "full";

    private ManualTime Time { get; } = new(Sample.Noon);

    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Each_decides_on_what_the_one_before_it_decided_and_none_waits_for_its_commit()
    {
        var states = StatesOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "0"), false, Ct);
        var gate = await Gate.AtHeadAsync(Database);
        var decided = Enumerable.Range(1, 10)
            .Select(_ => states.DecideAsync(Sample.Stream, s => Note(s, $"{s.State}"), false, Ct))
            .ToArray();
        await Eventually.HoldsAsync("the first waits", async () => await Database.WaitingSessionsAsync() == 1, Ct);
        await gate.DisposeAsync();

        var results = await Task.WhenAll(decided);

        Assert.All(results, r => Assert.IsType<AppendResult.Appended>(r.Result));
        Assert.Equal(Enumerable.Range(1, 10), results.Select(r => r.State));
        Assert.Equal(
            Enumerable.Range(0, 11).Select(i => $"{i}"), (await Store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(Sample.Text));
        Assert.Equal("3", await Database.TextAsync("select count(distinct xmin::text) from event_store.mt_events"));
    }

    [Fact]
    public async Task From_two_processes_nothing_is_decided_twice()
    {
        var (here, there) = (StatesOf(Store), StatesOf(log.Open(Sample.Catalogue)));

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(
            async () => Assert.IsType<AppendResult.Appended>(
                (await (i % 2 == 0 ? here : there).DecideAsync(Sample.Stream, s => Note(s, $"{s.State}"), false, Ct)).Result),
            Ct)));

        Assert.Equal(
            Enumerable.Range(0, 40).Select(i => $"{i}"), (await Store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(Sample.Text));
    }

    [Fact]
    public async Task A_refusal_is_said_of_what_the_log_has_and_not_of_what_was_kept()
    {
        var states = StatesOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "here"), false, Ct);
        await Store.AppendAsync(Sample.Notes("there"), Ct);

        // By what is kept the stream has one note, so a second would be refused.
        var decided = await states.DecideAsync(Sample.Stream, s => s.State == 1 ? null : Note(s, Full), false, Ct);

        Assert.Equal(2, decided.State);
        Assert.IsType<AppendResult.Appended>(decided.Result);
    }

    [Fact]
    public async Task What_writes_no_event_is_decided_on_what_the_log_has_too()
    {
        var states = StatesOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "here"), false, Ct);
        await Store.AppendAsync(Sample.Notes("there"), Ct);

        var decided = await states.DecideAsync(
            Sample.Stream, s => Change.OfRows(EventMetadata.None, Sample.Noon, new SampleRow($"{s.State}")), false, Ct);

        Assert.IsType<AppendResult.Appended>(decided.Result);
        Assert.Equal(["2"], await log.RowsAsync());
    }

    [Fact]
    public async Task What_was_decided_on_one_that_did_not_arrive_is_decided_anew()
    {
        var states = StatesOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "0"), false, Ct);
        var gate = await Gate.AtHeadAsync(Database);
        var blocker = Store.AppendAsync(Sample.Notes(new StreamId("demo", "other"), ExpectedVersion.NoStream, "other"), Ct);
        await Eventually.HoldsAsync("somebody waits", async () => await Database.WaitingSessionsAsync() == 1, Ct);
        var lost = states.DecideAsync(
            Sample.Stream, s => Note(s, "lost") with { Rows = [new SampleRow("far too long for it")] }, false, Ct);
        var built = states.DecideAsync(Sample.Stream, s => Note(s, $"{s.State}"), false, Ct);
        await gate.DisposeAsync();
        await blocker;

        Assert.IsType<AppendResult.ConstraintBroken>((await lost).Result);
        Assert.Equal(1, (await built).State);
        Assert.Equal(["0", "1"], (await Store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(Sample.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_decided_on_one_whose_place_another_took_is_decided_anew(bool isSameProcess)
    {
        var states = TextsOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "0"), false, Ct);
        var gate = await Gate.AtHeadAsync(Database);
        var blocker = Store.AppendAsync(Sample.Notes(new StreamId("demo", "other"), ExpectedVersion.NoStream, "other"), Ct);
        await WaitingAsync(1);
        var stranger = (isSameProcess ? Store : log.Open(Sample.Catalogue)).AppendAsync(Sample.Notes("x"), Ct);
        await WaitingAsync(isSameProcess ? 1 : 2);

        // The version that the second is decided on will be there; only, what is at it is not what was decided on.
        var first = states.DecideAsync(Sample.Stream, s => Note(s, s.State + "1"), false, Ct);
        var second = states.DecideAsync(Sample.Stream, s => Note(s, s.State + "2"), false, Ct);
        await gate.DisposeAsync();

        await Task.WhenAll(blocker, stranger, first, second);
        var texts = (await Store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(Sample.Text).ToArray();
        Assert.Equal(4, texts.Length);
        Assert.All(
            texts.Index().Where(t => t.Item.Length > 1),
            t => Assert.Equal(string.Concat(texts.Take(t.Index)), t.Item[..^1]));
    }

    [Fact]
    public async Task A_refusal_because_of_one_that_did_not_arrive_is_not_said()
    {
        var states = StatesOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "0"), false, Ct);
        var gate = await Gate.AtHeadAsync(Database);
        var blocker = Store.AppendAsync(Sample.Notes(new StreamId("demo", "other"), ExpectedVersion.NoStream, "other"), Ct);
        await Eventually.HoldsAsync("somebody waits", async () => await Database.WaitingSessionsAsync() == 1, Ct);
        var lost = states.DecideAsync(
            Sample.Stream, s => Note(s, "lost") with { Rows = [new SampleRow("far too long for it")] }, false, Ct);
        var next = states.DecideAsync(Sample.Stream, s => s.State >= 2 ? null : Note(s, "taken"), false, Ct);
        await gate.DisposeAsync();
        await blocker;

        Assert.IsType<AppendResult.ConstraintBroken>((await lost).Result);
        Assert.IsType<AppendResult.Appended>((await next).Result);
    }

    [Fact]
    public async Task A_state_that_was_kept_for_long_is_read_again()
    {
        var states = StatesOf(Store);
        await states.DecideAsync(Sample.Stream, s => Note(s, "here"), false, Ct);
        await Store.AppendAsync(Sample.Notes("there"), Ct);
        var before = Decisions;
        Time.Advance(TimeSpan.FromSeconds(3));

        await states.DecideAsync(Sample.Stream, s => Note(s, "here"), false, Ct);

        Assert.Equal(before + 1, Decisions);
    }

    [Fact]
    public async Task A_stream_that_was_just_made_up_is_not_read()
    {
        var decided = await StatesOf(Store).DecideAsync(Sample.Stream, s => Note(s, "new"), true, Ct);

        Assert.Equal(1, Assert.IsType<AppendResult.Appended>(decided.Result).Events[0].Version);
        Assert.Equal(1, Decisions);
    }

    [Fact]
    public async Task One_that_exists_after_all_is_read_and_decided_over_again()
    {
        await Store.AppendAsync(Sample.Notes("before"), Ct);

        var decided = await StatesOf(Store).DecideAsync(Sample.Stream, s => Note(s, "new"), true, Ct);

        Assert.Equal(1, decided.State);
        Assert.Equal(2, Assert.IsType<AppendResult.Appended>(decided.Result).Events[0].Version);
    }

    [Fact]
    public async Task In_memory_it_is_the_same()
    {
        var store = new InMemoryEventStore(Sample.Catalogue);
        var states = StatesOf(store);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(
            () => states.DecideAsync(Sample.Stream, s => Note(s, $"{s.State}"), false, Ct), Ct)));

        Assert.Equal(
            Enumerable.Range(0, 40).Select(i => $"{i}"), (await store.ReadStreamAsync(Sample.Stream, Ct)).Events.Select(Sample.Text));
    }

    private int Decisions { get; set; }

    private Task WaitingAsync(int sessions) =>
        Eventually.HoldsAsync($"{sessions} sessions wait for a lock", async () => await Database.WaitingSessionsAsync() == sessions, Ct);

    private Change Note<TState>(StreamState<TState> on, string text)
    {
        Decisions++;
        return Sample.Notes(Sample.Stream, ExpectedVersion.Exactly(on.Version), text);
    }

    /// <summary>The state of a stream is how many notes it has.</summary>
    private StreamStates<int> StatesOf(IEventStore store) => new(store, 0, (count, _) => count + 1, Time);

    /// <summary>The state of a stream is what its notes say, one after the other.</summary>
    private StreamStates<string> TextsOf(IEventStore store) =>
        new(store, "", (texts, body) => texts + ((Noted)body).Text, Time);
}
