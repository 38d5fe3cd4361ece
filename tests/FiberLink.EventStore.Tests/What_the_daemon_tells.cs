using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

public sealed class What_the_daemon_tells(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new(Sample.Noon.AddSeconds(90));
    private readonly ConcurrentDictionary<string, double> _told = new();

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_shard_that_stands_is_behind_in_events_and_in_seconds_and_the_other_is_not()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == EventStoreTelemetry.Name)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Tell(instrument, value, tags));
        listener.Start();
        var store = new PostgresEventStore(Database, Sample.Catalogue, [], []);
        await store.AppendAsync(Sample.Notes("a", "b", "poison", "c"), Ct);
        await Database.ExecuteAsync("alter table second_notes drop constraint if exists second_shows_no_poison");

        await using (new RunningDaemon(
            Database,
            "one",
            _time,
            new Renamed("told-first", new NotesProjection("first")),
            new Renamed("told-second", new NotesProjection("second"))))
        {
            await Eventually.HoldsAsync(
                "both are where they can be",
                async () => (await Database.TextsAsync(
                    "select name || ' ' || state from event_store.projection_state order by name"))
                    .SequenceEqual(["told-first failing", "told-second running"]),
                Ct);
            listener.RecordObservableInstruments();
        }

        Assert.Equal(2, _told["fiberlink.projection.lag told-first"]);
        Assert.Equal(90, _told["fiberlink.projection.lag.time told-first"]);
        Assert.Equal(0, _told["fiberlink.projection.lag told-second"]);
        Assert.Equal(0, _told["fiberlink.projection.lag.time told-second"]);
        Assert.Equal(2, _told["fiberlink.projection.pages told-first"]);
        Assert.Equal(1, _told["fiberlink.projection.pages told-second"]);
        Assert.Equal(1, _told["fiberlink.projection.failures told-first 23514"]);
        Assert.Equal(90, _told["fiberlink.projection.delay told-second"]);
        Assert.True(_told.ContainsKey("messaging.process.duration told-second"));
        Assert.True(_told.ContainsKey("messaging.process.duration told-first 23514"));
    }

    // Other tests run beside this one: only what names ours counts. Counters add up, the rest is what was told last.
    private void Tell(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = tags.ToArray().ToDictionary(t => t.Key, t => t.Value?.ToString());
        var name = all.GetValueOrDefault("projection") ?? all.GetValueOrDefault("messaging.consumer.group.name");
        if (name is not null && name.StartsWith("told-", StringComparison.Ordinal))
        {
            var key = string.Join(' ', new[] { instrument.Name, name, all.GetValueOrDefault("error.type") }.OfType<string>());
            _told.AddOrUpdate(key, value, (_, before) => instrument is Counter<long> ? before + value : value);
        }
    }

    private sealed class Renamed(string name, IProjection projection) : IProjection
    {
        public string Name => name;

        public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch) => projection.Project(events, batch);
    }
}
