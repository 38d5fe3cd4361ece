using System.Globalization;
using System.Text.Json.Serialization;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.Messaging.Tests;

/// <summary>An event of these tests.</summary>
public sealed record Noted(string Text);

[JsonSerializable(typeof(Noted))]
internal sealed partial class NotedJson : JsonSerializerContext;

/// <summary>A database with a log and messages, whose changes may carry both.</summary>
public sealed class MessagesUnderTest : IAsyncLifetime
{
    private TestDatabase? _database;

    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public NpgsqlDataSource Database => _database!.DataSource;

    public IEventStore Store { get; private set; } = null!;

    public MessageQueue Queue { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(
        [
            .. EventStoreSchema.Migrations,
            new("0100_messaging", SqlScript.Read(typeof(OutboxWriter).Assembly, "0001_messaging.sql")),
        ]);
        Store = Open();
        Queue = new MessageQueue(Database);
    }

    /// <summary>The same log as another process has it.</summary>
    public IEventStore Open() =>
        new PostgresEventStore(
            Database, new EventCatalogue([("noted.v1", NotedJson.Default.Noted)]), [], [new OutboxWriter(), new HandledMarkerWriter()]);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    public Task ResetAsync() =>
        ExecuteAsync($"{EmptyLog.Sql} truncate messaging.waiting, messaging.handled, messaging.dead_letters");

    /// <summary>A message with a new id and its number as the body.</summary>
    public static OutgoingMessage Message(int number = 1, DateTimeOffset? dueAt = null) =>
        new(Guid.CreateVersion7(), "note.v1", "demo", $$"""{"number": {{number}}}""", dueAt ?? Noon, "request-1", "00-trace-01");

    public static Change Noting(string text, params CommitRow[] rows) =>
        new([new(new("demo", "note-1"), ExpectedVersion.Any, [new(Guid.CreateVersion7(), new Noted(text))])], EventMetadata.None, Noon)
        {
            Rows = rows,
        };

    public async Task<IReadOnlyList<string>> TextsAsync(string sql)
    {
        await using var command = Database.Command(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync())
        {
            texts.Add(reader.IsDBNull(0) ? "null" : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return texts;
    }

    public async Task<string> TextAsync(string sql) => (await TextsAsync(sql)).Single();

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.Command(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>How many wait, were handled, and were given up.</summary>
    public Task<string> CountsAsync() =>
        TextAsync(
            """
            select concat_ws(' ', (select count(*) from messaging.waiting), (select count(*) from messaging.handled),
                                  (select count(*) from messaging.dead_letters))
            """);

    public Task WaitingSessionsAsync(int sessions, CancellationToken ct) =>
        Eventually.HoldsAsync(
            $"{sessions} sessions wait for a lock",
            async () => await TextAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == $"{sessions}",
            ct);
}
