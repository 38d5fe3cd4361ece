using FiberLink.HubNode;
using FiberLink.HubNode.Changes;
using FiberLink.Service.Telemetry;

namespace FiberLink.Service.Settlements;

/// <summary>
/// Turns what the node says about its invoices into hints, and notices when it has fallen silent although connected, as FNN 0.8 does
/// after a burst of changes. Nothing is believed: a hint only makes the watcher ask sooner, and silence only makes it find payments later.
/// </summary>
internal sealed partial class NodeListener(INodeChanges changes, NodeHints hints, TimeProvider time, ILogger<NodeListener> logger)
{
    /// <summary>A payment that is found by asking may be told a moment later.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const int UnannouncedMax = 3;
    private const int FoundMax = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private bool _isConnected;
    private int _unannounced;

    /// <summary>Whether the node tells, and payments come as told.</summary>
    public bool IsHeard
    {
        get
        {
            lock (_lock)
            {
                return _isConnected && _unannounced < UnannouncedMax;
            }
        }
    }

    /// <summary>Listens until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var change in changes.WatchAsync(ct))
            {
                Take(change);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // As it was told.
        }
        finally
        {
            Set(isConnected: false);
        }
    }

    /// <summary>The watcher has found a payment of this invoice.</summary>
    public void Found(string paymentHash)
    {
        lock (_lock)
        {
            if (_isConnected && !_told.ContainsKey(paymentHash) && _found.Count < FoundMax)
            {
                _found.TryAdd(paymentHash, time.GetTimestamp());
            }
        }
    }

    /// <summary>Counts the payments that the node has had time to tell of and hasn't.</summary>
    public void Review()
    {
        var unannounced = 0;
        var hasFallenSilent = false;
        lock (_lock)
        {
            foreach (var hash in Over(_found))
            {
                _found.Remove(hash);
                unannounced++;
            }

            foreach (var hash in Over(_told))
            {
                _told.Remove(hash);
            }

            hasFallenSilent = _unannounced < UnannouncedMax && _unannounced + unannounced >= UnannouncedMax;
            _unannounced += unannounced;
        }

        ServiceTelemetry.CountUnannounced(unannounced);
        if (hasFallenSilent)
        {
            LogSilent(UnannouncedMax);
        }
    }

    private void Take(NodeChange change)
    {
        switch (change)
        {
            case NodeChange.InvoiceChanged { Status: not HubInvoiceStatus.Open, PaymentHash: var hash }:
                var text = hash.ToString();
                lock (_lock)
                {
                    _unannounced = 0;
                    _found.Remove(text);
                    if (_told.Count < FoundMax)
                    {
                        _told[text] = time.GetTimestamp();
                    }
                }

                hints.Heard(text);
                break;
            case NodeChange.Connected:
                Set(isConnected: true);
                break;
            case NodeChange.Disconnected or NodeChange.NotOffered:
                Set(isConnected: false);
                break;
            default:
                break;
        }
    }

    private void Set(bool isConnected)
    {
        lock (_lock)
        {
            (_isConnected, _unannounced) = (isConnected, 0);
            _found.Clear();
        }
    }

    private string[] Over(Dictionary<string, long> since) => [.. since.Where(s => time.GetElapsedTime(s.Value) > Grace).Select(s => s.Key)];

    [LoggerMessage(
        2203,
        LogLevel.Warning,
        "The node's subscription is connected but did not tell of {Count} payments: it has fallen silent, as FNN 0.8 does until it is "
            + "restarted; payments are found by asking meanwhile")]
    private partial void LogSilent(int count);
}
