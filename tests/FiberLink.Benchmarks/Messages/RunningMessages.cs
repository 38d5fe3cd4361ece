using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.Benchmarks.Log;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FiberLink.Benchmarks.Messages;

/// <summary>A log and a dispatcher, wired as the service does it, until it is disposed.</summary>
internal sealed class RunningMessages : IAsyncDisposable
{
    // As the service has it.
    private const string PlansForGrowingTables = "-c enable_seqscan=off -c jit=off";

    private readonly BenchDatabase _database;
    private readonly NpgsqlDataSource _source;
    private readonly PostgresEventStore _store;
    private readonly MessageDispatcher _dispatcher;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _handled;

    private RunningMessages(BenchDatabase database, RetrySchedule retries)
    {
        _database = database;
        _source = BenchDatabase.DataSource(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = PlansForGrowingTables }.ConnectionString);
        _store = new(_source, Notes.Catalogue, [], [new OutboxWriter(TimeProvider.System)]);
        var queue = new MessageQueue(_source, TimeProvider.System);
        _dispatcher = new(
            queue,
            new MessageRouter(queue, new HandlerList().On(Notes.Type, new() { Retries = retries }).By(HandleAsync)),
            "bench",
            new(),
            TimeProvider.System,
            NullLogger<MessageDispatcher>.Instance,
            new Notifications(_source, TimeProvider.System));
    }

    /// <summary>How many messages were handled so far.</summary>
    public long Handled => Interlocked.Read(ref _handled);

    public static async Task<RunningMessages> StartAsync(LogBench bench, string name, RetrySchedule retries, CancellationToken ct)
    {
        var database = await bench.CreateDatabaseAsync(name, ct);
        await Migrations.ApplyAsync(database.Source, [.. BenchDatabase.Migrations, .. MessagingSchema.Migrations], ct);
        var messages = new RunningMessages(database, retries);
        messages._running = Task.Run(() => messages._dispatcher.RunAsync(messages._stop.Token), ct);
        return messages;
    }

    /// <summary>Commits a message, and waits until its effect has committed.</summary>
    /// <returns>From the one answer to the other.</returns>
    public async Task<TimeSpan> SendAsync(string? key, CancellationToken ct)
    {
        var note = new Note(Guid.CreateVersion7(), Fails: false);
        var handled = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[note.Id] = handled;
        await CommitAsync(note, key, ct);
        var committed = Stopwatch.GetTimestamp();

        // The handler may be faster than our answer.
        var done = await handled.Task.WaitAsync(ct);
        return done > committed ? Stopwatch.GetElapsedTime(committed, done) : TimeSpan.Zero;
    }

    /// <summary>Commits a message that can't be handled.</summary>
    public Task PoisonAsync(string key, CancellationToken ct) => CommitAsync(new(Guid.CreateVersion7(), Fails: true), key, ct);

    public Task ExecuteAsync(string sql, CancellationToken ct) => _database.ExecuteAsync(sql, ct);

    /// <summary>What was sent was handled once, and nothing else was.</summary>
    public async Task AssertSoundAsync(CancellationToken ct)
    {
        const string Read = "select count(*) from event_store.mt_events where type = 'bench.note_read'";
        const string Marked = "select count(*) from messaging.handled";
        var (read, marked) = (await _database.ReadAsync<long>(Read, ct), await _database.ReadAsync<long>(Marked, ct));
        if (!_waiting.IsEmpty || read != marked || read != Handled)
        {
            throw new InvalidOperationException($"{Handled} were handled, {read} have their effect, {marked} their marker.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // As it was told.
        }

        await _store.DisposeAsync();
        await _source.DisposeAsync();
        await _database.DisposeAsync();
        _stop.Dispose();
    }

    private async Task CommitAsync(Note note, string? key, CancellationToken ct)
    {
        await _store.AppendAsync(Notes.Sending(Notes.Message(note, key)), ct).MustAppendAsync();
        _dispatcher.Wake();
    }

    private async Task<MarkerCommitted> HandleAsync(Note note, MessageContext context, CancellationToken ct)
    {
        // What was filled in beforehand has a body without an id.
        var own = note.Id == Guid.Empty ? note with { Id = context.Id } : note;
        if (note.Fails)
        {
            throw new InvalidOperationException("It can't be handled.");
        }

        await _store.AppendAsync(Notes.Reading(own, context.Marker), ct).MustAppendAsync();
        Interlocked.Increment(ref _handled);
        if (_waiting.TryRemove(own.Id, out var waiting))
        {
            waiting.SetResult(Stopwatch.GetTimestamp());
        }

        return context.Committed();
    }
}
