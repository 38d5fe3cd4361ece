using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Postgres;

namespace FiberLink.EventStore.Tests;

/// <summary>What stands in the log under one name, for those who judge it.</summary>
public sealed class Bodies_as_they_are_stored(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private const string Noted = "noted.v1";
    private const string Drawn = "drawn.v1";

    private static readonly StreamId A = new("demo", "sum-a");
    private static readonly StreamId B = new("other", "sum-b");
    private static readonly StreamId Note = new("demo", "note-1");

    private IEventStore Store { get; } = log.Open(
        new([(Noted, SampleJson.Default.Noted), (Drawn, SampleJson.Default.Drawn)]));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Positions 1 to 6: a, b, a note, a drawing in a, a again, b again.</summary>
    public async ValueTask InitializeAsync()
    {
        await log.ResetAsync();
        foreach (var (stream, body) in new (StreamId, object)[]
        {
            (A, new Noted("a")), (B, new Noted("b")), (Note, new Noted("a note")), (A, new Drawn(new Circle(1))), (A, new Noted("a again")),
            (B, new Noted("b again")),
        })
        {
            await Store.AppendAsync(
                new([new(stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), body)])], EventMetadata.None, Sample.Noon), Ct);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_those_of_one_name_in_streams_of_one_kind_in_the_order_of_the_log()
    {
        await using var work = await UnitOfWork.BeginAsync(log.Database, Ct);

        Assert.Equal(
            [(1, "demo", "a"), (2, "other", "b"), (5, "demo", "a again"), (6, "other", "b again")],
            Said(await StoredBodies.ReadAsync(work, Noted, "sum-", null, Ct)));
        Assert.Equal(
            [(2, "other", "b"), (6, "other", "b again")], Said(await StoredBodies.ReadAsync(work, Noted, "sum-", "other", Ct)));
        Assert.Empty(await StoredBodies.ReadAsync(work, Noted, "sum_", null, Ct));
    }

    [Fact]
    public async Task Are_those_of_some_streams_page_by_page()
    {
        await using var work = await UnitOfWork.BeginAsync(log.Database, Ct);

        Assert.Equal(
            [(1, "demo", "a"), (2, "other", "b")], Said(await StoredBodies.ReadAsync(work, Noted, [A, B], 0, 6, 2, Ct)));
        Assert.Equal([(5, "demo", "a again")], Said(await StoredBodies.ReadAsync(work, Noted, [A, B], 2, 5, 2, Ct)));
        Assert.Equal([(1, "demo", "a"), (5, "demo", "a again")], Said(await StoredBodies.ReadAsync(work, Noted, [A], 0, 6, 9, Ct)));
        Assert.Empty(await StoredBodies.ReadAsync(work, Noted, [new("other", A.Key)], 0, 6, 9, Ct));
    }

    [Fact]
    public async Task Are_told_also_when_they_are_no_event()
    {
        await using var work = await UnitOfWork.BeginAsync(log.Database, Ct);
        await using var command = work.Command("update event_store.mt_events set data = '[7]' where seq_id = 1");
        await command.ExecuteNonQueryAsync(Ct);

        var odd = (await StoredBodies.ReadAsync(work, Noted, "sum-", null, Ct))[0];

        Assert.Equal("[7]", Encoding.UTF8.GetString(odd.Body.Span));
    }

    private static IEnumerable<(long, string, string)> Said(IEnumerable<StoredBody> bodies) =>
        bodies.Select(b => (b.Position, b.Tenant, (string)JsonNode.Parse(b.Body.Span)!["text"]!));
}
