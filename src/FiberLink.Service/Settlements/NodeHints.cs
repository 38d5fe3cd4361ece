using FiberLink.Postgres;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Payment hashes about which the node has said something, to be asked about before their time. A hint that is lost costs nothing but
/// time: the invoice is asked about when it is due.
/// </summary>
internal sealed class NodeHints
{
    /// <summary>More are not remembered at a time.</summary>
    public const int HintsMax = 10_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _hashes = new(StringComparer.Ordinal);
    private readonly WakeSignal _wake = new();

    /// <summary>Something has happened to the invoice of this hash.</summary>
    public void Heard(string paymentHash)
    {
        lock (_lock)
        {
            if (_hashes.Count >= HintsMax || !_hashes.Add(paymentHash))
            {
                return;
            }
        }

        _wake.Set();
    }

    /// <summary>Takes hints out, at most so many.</summary>
    public IReadOnlyList<string> Take(int most)
    {
        lock (_lock)
        {
            string[] taken = [.. _hashes.Take(most)];
            _hashes.ExceptWith(taken);
            return taken;
        }
    }

    /// <summary>Waits for the time, or for the next hint.</summary>
    public Task WaitAsync(TimeSpan most, TimeProvider time, CancellationToken ct) => _wake.WaitAsync(most, time, ct);
}
