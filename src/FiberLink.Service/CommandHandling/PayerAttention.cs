using System.Collections.Concurrent;

namespace FiberLink.Service.CommandHandling;

/// <summary>
/// The unpaid tips that somebody has just asked about: a payer's page is open, and the payment may come any moment. It only makes
/// the watcher look sooner; it is forgotten with the process, and other service nodes do not hear of it.
/// </summary>
internal sealed class PayerAttention
{
    /// <summary>More are not remembered at a time; their payments are found at their due times.</summary>
    public const int TipsMax = 10_000;

    private readonly ConcurrentDictionary<(string Tenant, Guid TipId), bool> _asked = [];

    /// <summary>Somebody waits for this tip.</summary>
    public void Notice(string tenant, Guid tipId)
    {
        if (_asked.Count < TipsMax)
        {
            _asked.TryAdd((tenant, tipId), true);
        }
    }

    /// <summary>Those noticed since they were last taken, at most so many.</summary>
    public IReadOnlyList<(string Tenant, Guid TipId)> Take(int most)
    {
        var taken = _asked.Keys.Take(most).ToArray();
        foreach (var tip in taken)
        {
            _asked.TryRemove(tip, out _);
        }

        return taken;
    }
}
