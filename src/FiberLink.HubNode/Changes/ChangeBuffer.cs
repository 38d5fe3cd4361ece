using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace FiberLink.HubNode.Changes;

/// <summary>Between the connection, which must never wait for anybody, and a reader that may be slow.</summary>
internal sealed class ChangeBuffer
{
    private const int ChangesMax = 4096;

    private readonly Channel<NodeChange> _changes =
        Channel.CreateBounded<NodeChange>(new BoundedChannelOptions(ChangesMax) { SingleReader = true, SingleWriter = true });

    private int _hasMissed;

    /// <summary>A full buffer drops it and remembers that it did.</summary>
    public void Offer(NodeChange change)
    {
        if (!_changes.Writer.TryWrite(change))
        {
            Volatile.Write(ref _hasMissed, 1);
        }
    }

    /// <summary>A mark is never dropped; while it waits for room there is no connection to be held up.</summary>
    public ValueTask MarkAsync(NodeChange mark, CancellationToken ct) => _changes.Writer.WriteAsync(mark, ct);

    /// <summary>Nothing more comes.</summary>
    public void End(Exception? because) => _changes.Writer.TryComplete(because);

    public async IAsyncEnumerable<NodeChange> ReadAllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var change in _changes.Reader.ReadAllAsync(ct))
        {
            if (Interlocked.Exchange(ref _hasMissed, 0) == 1)
            {
                yield return new NodeChange.Missed();
            }

            yield return change;
        }
    }
}
