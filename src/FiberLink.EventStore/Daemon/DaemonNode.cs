using System.Data.Common;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Daemon;

/// <summary>Runs this node's share of the shards, and takes over those of nodes that are gone.</summary>
/// <remarks>
/// Each node holds a shared lock under its number in every session that it has, so that all see in the server's table of locks who is
/// there and who runs what. Once in a while each node looks: it starts free shards up to its share, and gives up what is beyond it.
/// </remarks>
internal sealed class DaemonNode(NpgsqlDataSource database, IReadOnlyList<DaemonShard> shards, DaemonSurroundings around)
{
    private readonly int _number = unchecked((int)AdvisoryKey.Of($"projection node/{around.Owner}"));
    private readonly ShardName[] _names = [.. shards.Select(s => s.Name)];
    private readonly Dictionary<DaemonShard, Task> _running = [];
    private DaemonSession? _presence;
    private long _head;

    /// <summary>The log's end when it was last looked at.</summary>
    public long Head => Interlocked.Read(ref _head);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await RoundAsync(ct);
                await Task.Delay(around.Options.SpreadInterval, around.Time, ct);
            }
        }
        finally
        {
            await Task.WhenAll(_running.Values);
            await LeaveAsync();
        }
    }

    private async Task RoundAsync(CancellationToken ct)
    {
        try
        {
            var held = await LookAsync(ct);
            Interlocked.Exchange(ref _head, held.Head);
            foreach (var ended in _running.Where(r => r.Value.IsCompleted).Select(r => r.Key).ToArray())
            {
                _running.Remove(ended);
            }

            foreach (var lost in _running.Keys.Where(s => !held.IsHeldBy(s.Name, _number)))
            {
                // Its session was ended while it waited for events; it would notice only at the next one.
                await lost.ReleaseAsync();
            }

            var share = held.ShareOf(_number, _names);
            foreach (var surplus in _running.Keys.Where(s => s.IsRunning).Skip(share))
            {
                await surplus.ReleaseAsync();
            }

            foreach (var free in shards.Where(s => held.IsFree(s.Name) && !_running.ContainsKey(s)))
            {
                if (_running.Count < share)
                {
                    await TryStartAsync(free, ct);
                }
            }
        }
        catch (Exception away) when (away is DbException or TimeoutException)
        {
            EventStoreLog.SpreadFailed(around.Logger, away);
        }
    }

    private async Task<HeldLocks> LookAsync(CancellationToken ct)
    {
        if (_presence is { IsOpen: false })
        {
            await LeaveAsync();
        }

        _presence ??= await DaemonSession.OfNodeAsync(database, _number, ct);
        await using var batch = _presence.Batch();
        return await HeldLocks.ReadAsync(batch, ct);
    }

    private async Task TryStartAsync(DaemonShard shard, CancellationToken ct)
    {
        if (await DaemonSession.TryTakeAsync(database, shard.Name.Lock, _number, ct) is { } session)
        {
            _running.Add(shard, shard.RunAsync(session, ct));
        }
    }

    private async Task LeaveAsync()
    {
        if (_presence is { } presence)
        {
            _presence = null;
            await presence.DisposeAsync();
        }
    }
}
