using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using FiberLink.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.Projections.Tests;

/// <summary>A database with the log and all read models, kept as they are kept in service.</summary>
public class ReadModelsUnderTest : IAsyncLifetime
{
    private static readonly IReadOnlyList<string> Tables =
    [
        "account_balances", "adjustments", "communities", "invoice_watch", "ledger_entries", "member_tip_counts", "payout_policies",
        "payout_rules", "payout_stops", "settled_feed", "tip_activity", "tip_status", "treasury_movements", "wallet_cells",
        "wallet_outputs", "withdrawals",
    ];

    private TestDatabase? _database;

    public NpgsqlDataSource Database => _database!.DataSource;

    public IEventStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync([.. EventStoreSchema.Migrations, .. ReadModels.Migrations]);
        Store = new PostgresEventStore(Database, StoredEvents.Catalogue, ReadModels.Inline, []);
    }

    public async ValueTask DisposeAsync()
    {
        await _database!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public async Task ResetAsync()
    {
        await using var command = Database.Command(
            $"{EmptyLog.Sql} truncate {string.Join(", ", Tables.Select(t => $"read_models.{t}"))}");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Appends the events of one stream as one change, at the time of the last.</summary>
    public Task<AppendResult> AppendAsync(Happening happening, CancellationToken ct) => AppendTogetherAsync(ct, happening);

    /// <summary>Appends the events of several streams as one change: the read models get them as one batch, by stream.</summary>
    public Task<AppendResult> AppendTogetherAsync(CancellationToken ct, params Happening[] happenings) =>
        Store.AppendAsync(
            new(
                [
                    .. happenings.Select(h => new StreamAppend(
                        h.Stream, ExpectedVersion.Any, [.. h.Events.Select(e => new NewEvent(Guid.CreateVersion7(), e))])),
                ],
                new(null, null, null, "00-trace-01"),
                happenings[0].At),
            ct);

    /// <summary>Appends, and fails the test if anything is refused.</summary>
    public async Task AppendAllAsync(IEnumerable<Happening> happenings, CancellationToken ct)
    {
        foreach (var happening in happenings)
        {
            Assert.IsType<AppendResult.Appended>(await AppendAsync(happening, ct));
        }
    }

    /// <summary>Brings the async read models up to date.</summary>
    public Task CatchUpAsync(CancellationToken ct) =>
        new ProjectionDaemon(
            Database, Store, [.. ReadModels.Async], "test", new ManualTime(), NullLogger<ProjectionDaemon>.Instance).CatchUpAsync(ct);

    public async Task LiveAsync(IEnumerable<Happening> happenings, CancellationToken ct)
    {
        await AppendAllAsync(happenings, ct);
        await CatchUpAsync(ct);
    }

    /// <summary>Writes events into the read models' tables as one batch, without the log.</summary>
    public async Task ProjectAsync(IReadOnlyList<RecordedEvent> events, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(Database, ct);
        await using var batch = work.Batch();
        foreach (var model in ReadModels.All)
        {
            model.Projection.Project(events, batch);
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }

        await work.CommitAsync(ct);
    }

    /// <summary>Every row of every read model.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(CancellationToken ct)
    {
        var rows = new List<string>();
        foreach (var table in Tables)
        {
            rows.AddRange((await TextsAsync($"select t::text from read_models.{table} as t order by 1", ct)).Select(r => $"{table} {r}"));
        }

        return rows;
    }

    public async Task<IReadOnlyList<string>> TextsAsync(string sql, CancellationToken ct)
    {
        await using var command = Database.Command(sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var texts = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}

/// <summary>Another one, to compare with.</summary>
public sealed class SecondReadModels : ReadModelsUnderTest;

/// <summary>Some events of one stream that were appended together.</summary>
public sealed record Happening(StreamId Stream, DateTimeOffset At, IReadOnlyList<object> Events);
