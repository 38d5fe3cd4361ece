namespace FiberLink.Sandbox.Chain;

/// <summary>What goes wrong only at a node of the chain.</summary>
internal sealed class ChainFaults
{
    public const int RefusalsMax = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Code, string Message, int Left)> _refusals = new(StringComparer.Ordinal);
    private ulong _lag;
    private ulong? _feeRate;

    /// <summary>How many blocks the list of cells is behind.</summary>
    public ulong Lag
    {
        get => Interlocked.Read(ref _lag);
        set => Interlocked.Exchange(ref _lag, value);
    }

    /// <summary>What the node says that a fee should be; null for the lowest that it takes.</summary>
    public ulong? FeeRate
    {
        get
        {
            lock (_lock)
            {
                return _feeRate;
            }
        }

        set
        {
            lock (_lock)
            {
                _feeRate = value;
            }
        }
    }

    /// <summary>False when there are too many already.</summary>
    public bool TryRefuse(string method, int code, string message, int count)
    {
        lock (_lock)
        {
            if (_refusals.Count >= RefusalsMax && !_refusals.ContainsKey(method))
            {
                return false;
            }

            _refusals[method] = (code, message, count);
            return true;
        }
    }

    /// <summary>The refusal, as often as was asked for.</summary>
    public (int Code, string Message)? TakeRefusal(string method)
    {
        lock (_lock)
        {
            if (!_refusals.TryGetValue(method, out var refusal) || refusal.Left <= 0)
            {
                return null;
            }

            _refusals[method] = refusal with { Left = refusal.Left - 1 };
            return (refusal.Code, refusal.Message);
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            (_lag, _feeRate) = (0, null);
            _refusals.Clear();
        }
    }
}
