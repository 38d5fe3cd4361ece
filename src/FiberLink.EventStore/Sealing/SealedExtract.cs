using System.Runtime.CompilerServices;
using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>What an extract of the log consists of, from left to right.</summary>
public abstract record ExtractStep
{
    private ExtractStep()
    {
    }

    /// <summary>An event.</summary>
    /// <param name="Position">Its place in the log, from 1.</param>
    /// <param name="Form">Its canonical form: UTF-8. The entry is its SHA-256.</param>
    public sealed record Event(long Position, ReadOnlyMemory<byte> Form) : ExtractStep;

    /// <summary>The root over 2^level events that are not in the extract.</summary>
    public sealed record Others(int Level, Bytes32 Hash) : ExtractStep;
}

/// <summary>Reads one community's events with as much of the tree as shows where they are in the log; nothing of others' events.</summary>
public sealed class SealedExtract(NpgsqlDataSource database)
{
    private const long WindowMax = 4_096;

    private readonly SealedTree _tree = new(database);

    /// <summary>The whole tree in few steps. However long the log is, a few thousand events are in memory at a time.</summary>
    /// <param name="tenant">Whose events.</param>
    /// <param name="after">Only those behind this position.</param>
    /// <param name="upTo">And up to this one.</param>
    /// <param name="size">The tree's: that of a checkpoint, not less than <paramref name="upTo"/>.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="LogNotWholeException">An event, or the tree, is not what was sealed.</exception>
    public async IAsyncEnumerable<ExtractStep> ReadAsync(
        string tenant, long after, long upTo, long size, [EnumeratorCancellation] CancellationToken ct)
    {
        var done = 0L;
        for (var from = after; from < upTo; from += WindowMax)
        {
            var events = await ReadEventsAsync(tenant, from, Math.Min(from + WindowMax, upTo), ct);
            var nodes = await ReadNodesAsync(done, events, ct);
            foreach (var @event in events)
            {
                foreach (var step in Others(nodes, done, @event.Position - 1))
                {
                    yield return step;
                }

                yield return @event;
                done = @event.Position;
            }
        }

        foreach (var step in Others(await ReadNodesAsync([.. TreeOutline.Between(done, size)], ct), done, size))
        {
            yield return step;
        }
    }

    private static IEnumerable<ExtractStep> Others(Func<int, long, Bytes32> node, long from, long to) =>
        TreeOutline.Between(from, to).Select(n => new ExtractStep.Others(n.Level, node(n.Level, n.Index)));

    private async Task<List<ExtractStep.Event>> ReadEventsAsync(string tenant, long after, long upTo, CancellationToken ct)
    {
        await using var command = database.Command(
            SealedRow.OfTenant, new() { Value = after }, new() { Value = upTo }, new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var events = new List<ExtractStep.Event>();
        while (await reader.ReadAsync(ct))
        {
            var row = SealedRow.Read(reader);
            row.Entry();
            events.Add(new(row.Position, row.Form().Bytes(row.Version)));
        }

        return events;
    }

    private Task<Func<int, long, Bytes32>> ReadNodesAsync(long done, List<ExtractStep.Event> events, CancellationToken ct)
    {
        var wanted = new List<(int, long)>();
        foreach (var @event in events)
        {
            wanted.AddRange(TreeOutline.Between(done, @event.Position - 1));
            done = @event.Position;
        }

        return ReadNodesAsync(wanted, ct);
    }

    private async Task<Func<int, long, Bytes32>> ReadNodesAsync(List<(int Level, long Index)> wanted, CancellationToken ct)
    {
        var names = new HashSet<(int, long)>();
        foreach (var (level, index) in wanted)
        {
            Tiles.Node(level, index, (of, at) =>
            {
                names.Add((of, at));
                return new byte[Tiles.FullLength];
            });
        }

        var tiles = await _tree.ReadTilesAsync(names, ct);
        return (level, index) =>
        {
            try
            {
                return Tiles.Node(level, index, (of, at) => tiles[(of, at)]);
            }
            catch (Exception missing) when (missing is KeyNotFoundException or ArgumentOutOfRangeException)
            {
                throw new LogNotWholeException(null, "The log's tree has not all of its tiles.");
            }
        };
    }
}
