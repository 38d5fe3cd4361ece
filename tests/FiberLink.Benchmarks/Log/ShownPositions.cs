using System.Diagnostics;
using System.Globalization;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Benchmarks.Log;

/// <summary>When an async projection had shown what, as another session sees it: told by its commits, so that nobody has to poll.</summary>
internal sealed class ShownPositions : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<(long Position, long At)> _seen = [];
    private readonly WakeSignal _wake = new();
    private readonly Task _listening;

    private ShownPositions(NpgsqlConnection connection)
    {
        _connection = connection;
        connection.Notification += (_, notice) => Add(long.Parse(notice.Payload, CultureInfo.InvariantCulture));
        _listening = ListenAsync();
    }

    public static async Task<ShownPositions> ListenAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        await using var listen = connection.Command($"listen {AnnouncedTotals.Channel}");
        await listen.ExecuteNonQueryAsync(ct);
        return new(connection);
    }

    /// <summary>The timestamp at which everything up to a position was shown.</summary>
    /// <exception cref="TimeoutException">It is not shown after a minute.</exception>
    public async Task<long> WaitForAsync(long position, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            if (At(position) is { } at)
            {
                return at;
            }

            await _wake.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
        }

        throw new TimeoutException($"Position {position} was not shown within {Patience}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        _stop.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                await _connection.WaitAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Add(long position)
    {
        lock (_gate)
        {
            _seen.Add((position, Stopwatch.GetTimestamp()));
        }

        _wake.Set();
    }

    private long? At(long position)
    {
        lock (_gate)
        {
            // Positions only grow.
            var (low, high) = (0, _seen.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _seen[middle].Position >= position ? (low, middle) : (middle + 1, high);
            }

            return low < _seen.Count ? _seen[low].At : null;
        }
    }
}
