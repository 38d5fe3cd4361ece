using FiberLink.EventStore.Projections;

namespace FiberLink.Benchmarks.Log;

/// <summary>A daemon that runs until it is disposed.</summary>
internal sealed class RunningDaemon : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningDaemon(ProjectionDaemon daemon)
    {
        Daemon = daemon;
        _running = Task.Run(() => daemon.RunAsync(_stop.Token));
    }

    public ProjectionDaemon Daemon { get; }

    /// <summary>Starts it, and waits until it has shown what is there.</summary>
    public static async Task<RunningDaemon> StartAsync(BenchDatabase database, ShownPositions shown, CancellationToken ct)
    {
        var running = new RunningDaemon(database.Daemon(new AnnouncedTotals()));
        var append = database.Store.AppendAsync(Accounts.ThreeEvents(Accounts.Stream(Accounts.NewName())), ct);
        var appended = await append.MustAppendAsync();
        await shown.WaitForAsync(appended.Events[^1].Position, ct);
        return running;
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

        _stop.Dispose();
    }
}
