namespace FiberLink.EventStore;

/// <summary>Whether all callers of a group have given up: only then writing it can be stopped.</summary>
internal sealed class Abandonment : IDisposable
{
    private readonly CancellationTokenSource? _all;
    private readonly CancellationTokenRegistration[] _each = [];
    private int _left;

    public Abandonment(IReadOnlyList<PendingAppend> group)
    {
        foreach (var pending in group)
        {
            if (!pending.Caller.CanBeCanceled)
            {
                return;
            }
        }

        _left = group.Count;
        _all = new();
        _each = new CancellationTokenRegistration[group.Count];
        for (var i = 0; i < _each.Length; i++)
        {
            _each[i] = group[i].Caller.UnsafeRegister(static state => ((Abandonment)state!).OneLeaves(), this);
        }
    }

    public CancellationToken Token => _all?.Token ?? CancellationToken.None;

    public void Dispose()
    {
        foreach (var registration in _each)
        {
            registration.Dispose();
        }

        _all?.Dispose();
    }

    private void OneLeaves()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _all!.Cancel();
        }
    }
}
