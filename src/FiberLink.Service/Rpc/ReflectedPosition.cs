using System.Globalization;
using FiberLink.EventStore.Projections;
using FiberLink.Projections;
using Npgsql;

namespace FiberLink.Service.Rpc;

/// <summary>Up to which position of the log everything is shown by whatever is read after it was asked for.</summary>
/// <remarks>
/// What was true a moment ago is true of every later read too, only less than could be said. So the database is asked once in a tenth of
/// a second, by one caller; the others are told what is known.
/// </remarks>
internal sealed class ReflectedPosition(NpgsqlDataSource database, TimeProvider time) : IDisposable
{
    public const string Header = "FiberLink-Log-Position";

    private static readonly TimeSpan AgeMax = TimeSpan.FromMilliseconds(100);
    private static readonly string[] AsyncModels = [.. ReadModels.Async.Select(p => p.Name)];

    private readonly SemaphoreSlim _asking = new(1, 1);
    private Known? _known;

    /// <summary>Writes it into an answer's headers. An answer is not held up when the database is away: it then says nothing.</summary>
    public async Task WriteToAsync(IHeaderDictionary headers, CancellationToken ct)
    {
        try
        {
            headers[Header] = (await ReadAsync(ct)).ToString(CultureInfo.InvariantCulture);
        }
        catch (NpgsqlException)
        {
            // Who needs the database to answer will say that it is away.
        }
    }

    public void Dispose() => _asking.Dispose();

    private async ValueTask<long> ReadAsync(CancellationToken ct)
    {
        var known = Volatile.Read(ref _known);
        if (known is not null && (time.GetElapsedTime(known.AskedAt) < AgeMax || !await _asking.WaitAsync(0, ct)))
        {
            return known.Position;
        }

        if (known is null)
        {
            await _asking.WaitAsync(ct);
        }

        try
        {
            // Whoever was before may have asked just now.
            if (known is null && Volatile.Read(ref _known) is { } meanwhile)
            {
                return meanwhile.Position;
            }

            var askedAt = time.GetTimestamp();
            var (shown, head) = await ShownPosition.ReadAsync(database, AsyncModels, ct);
            var position = Math.Min(shown, head);
            Volatile.Write(ref _known, new(position, askedAt));
            return position;
        }
        finally
        {
            _asking.Release();
        }
    }

    private sealed record Known(long Position, long AskedAt);
}
