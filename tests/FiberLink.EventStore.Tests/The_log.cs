namespace FiberLink.EventStore.Tests;

/// <summary>What every store owes. A store enrols with an empty subclass.</summary>
/// <remarks>What happens between two writers who overlap is not here: it needs a database whose transactions can be held open.</remarks>
public abstract partial class The_log<TLog>(TLog log) : IClassFixture<TLog>, IAsyncLifetime
    where TLog : class, ILogUnderTest
{
    private readonly TLog _log = log;

    private IEventStore Store { get; set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _log.ResetAsync();
        Store = _log.Open(Sample.Catalogue);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<RecordedEvent>> AppendedAsync(Change change) =>
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(change, Ct)).Events;

    private Task<IReadOnlyList<RecordedEvent>> WholeLogAsync() => Store.ReadLogAsync(0, EventStoreLimits.LogPageMax, Ct);
}

public sealed class The_log_on_PostgreSQL(LogOnPostgres log) : The_log<LogOnPostgres>(log);

public sealed class The_log_in_memory(LogInMemory log) : The_log<LogInMemory>(log);
