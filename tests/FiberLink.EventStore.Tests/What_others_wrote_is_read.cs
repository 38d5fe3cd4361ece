using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Rows as another writer may leave them, and what is shared among the events that are read.</summary>
public sealed class What_others_wrote_is_read(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("""{"traceparent": "00-a-01"}""", "00-a-01")]
    [InlineData("""{"other": 1, "traceparent": "00-a-01"}""", "00-a-01")]
    [InlineData("""{"traceparent": "00-a-01", "traceparenthood": "x"}""", "00-a-01")]
    [InlineData("""{"traceparent": "a \"quoted\" \\ one \u00fc"}""", "a \"quoted\" \\ one ü")]
    [InlineData("""{"traceparent": ""}""", "")]
    [InlineData("""{"traceparent": null}""", null)]
    [InlineData("""{"traceparent": 5}""", null)]
    [InlineData("""{"other": "traceparent"}""", null)]
    [InlineData("{}", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    public async Task Among_any_headers_the_trace_parent_is_found_if_there_is_one(string headers, string? expected)
    {
        await Store.AppendAsync(Sample.Notes("a"), Ct);
        await using var command = Postgres.NpgsqlBatchExtensions.Command(
            Database, "update event_store.mt_events set headers = $1::jsonb", new NpgsqlParameter { Value = headers });
        await command.ExecuteNonQueryAsync(Ct);

        Assert.Equal(new(null, null, null, expected), Assert.Single(await Store.ReadLogAsync(0, 1, Ct)).Metadata);
    }

    [Fact]
    public async Task Events_that_follow_on_each_other_share_what_they_have_in_common()
    {
        var metadata = new EventMetadata("request", "message", "app:demo", "00-trace-01");
        var stream = new StreamId("demo", "note-2");
        await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.Any, "a", "b") with { Metadata = metadata }, Ct);
        await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.Any, "c") with { Metadata = metadata }, Ct);
        await Store.AppendAsync(Sample.Notes(stream, ExpectedVersion.Any, "d"), Ct);

        var events = await Store.ReadLogAsync(0, 10, Ct);

        Assert.Same(events[0].Metadata, events[2].Metadata);
        Assert.Same(EventMetadata.None, (await Store.ReadLogAsync(3, 1, Ct))[0].Metadata);
        Assert.All(events, e => Assert.Same(events[0].Stream.Key, e.Stream.Key));
        Assert.All(events, e => Assert.Same(events[0].Name, e.Name));
        Assert.Equal([metadata, metadata, metadata, EventMetadata.None], events.Select(e => e.Metadata));
    }
}
