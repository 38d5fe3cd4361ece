using System.Globalization;
using System.Text.Json.Serialization;
using FiberLink.EventStore;
using FiberLink.Messaging.InMemory;
using FiberLink.Postgres;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.Messaging.Tests;

/// <summary>An event of these tests.</summary>
public sealed record Noted(string Text);

[JsonSerializable(typeof(Noted))]
internal sealed partial class NotedJson : JsonSerializerContext;

/// <summary>A place for messages that the contract is held against.</summary>
public interface IMessagesUnderTest
{
    /// <summary>What counts as due.</summary>
    ManualTime Time { get; }

    IMessageStore Queue { get; }

    IScheduleStore Schedules { get; }

    /// <summary>Empties everything.</summary>
    Task ResetAsync();

    /// <summary>Commits rows; answers with the constraint that refused them, or null.</summary>
    Task<string?> CommitAsync(params CommitRow[] rows);

    /// <summary>All leases end now.</summary>
    Task EndLeasesAsync();

    /// <summary>A node has not said anything for long.</summary>
    Task SilenceAsync(ServiceNode node);
}

/// <summary>A database with a log and messages, whose changes may carry both.</summary>
public sealed class MessagesUnderTest : IMessagesUnderTest, IAsyncLifetime
{
    private TestDatabase? _database;

    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What counts as due.</summary>
    public ManualTime Time { get; private set; } = new(Noon);

    public NpgsqlDataSource Database => _database!.DataSource;

    public IEventStore Store { get; private set; } = null!;

    public IMessageStore Queue { get; private set; } = null!;

    public IScheduleStore Schedules => new Schedules(Database);

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(
        [
            .. EventStoreSchema.Migrations,
            .. MessagingSchema.Migrations,
        ]);
        await ResetAsync();
    }

    /// <summary>The same log as another process has it.</summary>
    public IEventStore Open() =>
        new PostgresEventStore(
            Database, new EventCatalogue([("noted.v1", NotedJson.Default.Noted)]), [], [new OutboxWriter(Time)]);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    public async Task ResetAsync()
    {
        await ExecuteAsync(
            $"""
            {EmptyLog.Sql} truncate messaging.waiting, messaging.handled, messaging.dead_letters, messaging.keys, messaging.nodes,
            messaging.attempts, messaging.operator_actions, messaging.schedules
            """);
        Time = new(Noon);
        Store = Open();
        Queue = new MessageQueue(Database, Time);
    }

    public async Task<string?> CommitAsync(params CommitRow[] rows) =>
        await Store.AppendAsync(Change.OfRows(EventMetadata.None, Noon, rows), TestContext.Current.CancellationToken) switch
        {
            AppendResult.Appended => null,
            AppendResult.ConstraintBroken broken => broken.Constraint,
            var other => throw new InvalidOperationException($"It ended in {other}."),
        };

    public Task EndLeasesAsync() =>
        ExecuteAsync("update messaging.waiting set leased_until = now() - interval '1 second' where state = 'taken'");

    public Task SilenceAsync(ServiceNode node) =>
        ExecuteAsync($"update messaging.nodes set heartbeat_at = now() - interval '1 hour' where node_id = {node.Id}");

    /// <summary>A message with a new id and its number as the body.</summary>
    public static OutgoingMessage Message(int number = 1, DateTimeOffset? dueAt = null, string? key = null, string tenant = "demo") =>
        new(Guid.CreateVersion7(), "note.v1", tenant, $$"""{"number": {{number}}}""", dueAt ?? Noon, "request-1", "00-trace-01")
        {
            OrderingKey = key,
        };

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

/// <summary>Messages in memory.</summary>
public sealed class MessagesInMemory : IMessagesUnderTest
{
    private InMemoryMessageStore? _store;

    public ManualTime Time { get; private set; } = new(MessagesUnderTest.Noon);

    public IMessageStore Queue => _store!;

    public IScheduleStore Schedules { get; private set; } = null!;

    public Task ResetAsync()
    {
        Time = new(MessagesUnderTest.Noon);
        _store = new(Time);
        Schedules = new InMemorySchedules(_store);
        return Task.CompletedTask;
    }

    public Task<string?> CommitAsync(params CommitRow[] rows) => Task.FromResult(_store!.Commit(rows));

    // What is due a day later is due sooner than these leases end.
    public Task EndLeasesAsync()
    {
        Time.Advance(The_queue.LongLease + TimeSpan.FromTicks(1));
        return Task.CompletedTask;
    }

    public Task SilenceAsync(ServiceNode node)
    {
        Time.Advance(The_queue.SilenceMax + TimeSpan.FromTicks(1));
        return Task.CompletedTask;
    }
}
