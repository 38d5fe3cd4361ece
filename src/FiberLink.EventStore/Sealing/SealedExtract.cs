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

/// <summary>Reads some of the events with as much of the tree as shows where they are in the log; nothing of all the others.</summary>
public sealed class SealedExtract(NpgsqlDataSource database)
{
    private const int WindowMax = 4_096;

    private readonly SealedTree _tree = new(database);

    /// <summary>
    /// One community's events, and the whole tree in few steps. However long the log is, a few thousand events are in memory at a time.
    /// </summary>
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
            var events = await ReadEventsAsync(
                database.Command(
                    SealedRow.OfTenant,
                    new() { Value = from },
                    new() { Value = Math.Min(from + WindowMax, upTo) },
                    new() { Value = tenant }),
                ct);
            foreach (var step in await StepsAsync(done, events, ct))
            {
                yield return step;
            }

            done = events.Count == 0 ? done : events[^1].Position;
        }

        foreach (var step in await RestAsync(done, size, ct))
        {
            yield return step;
        }
    }

    /// <summary>The events at some places, and the whole tree in few steps.</summary>
    /// <param name="positions">Where they are, rising.</param>
    /// <param name="size">The tree's: that of a checkpoint, not less than the last of them.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="LogNotWholeException">An event, or the tree, is not what was sealed.</exception>
    public async IAsyncEnumerable<ExtractStep> ReadAsync(
        IReadOnlyList<long> positions, long size, [EnumeratorCancellation] CancellationToken ct)
    {
        var done = 0L;
        foreach (var window in positions.Chunk(WindowMax))
        {
            var events = await ReadEventsAsync(database.Command(SealedRow.AtAny, new NpgsqlParameter { Value = window }), ct);
            if (!events.Select(e => e.Position).SequenceEqual(window))
            {
                throw new LogNotWholeException(window.Except(events.Select(e => e.Position)).FirstOrDefault(), "there is no such event");
            }

            foreach (var step in await StepsAsync(done, events, ct))
            {
                yield return step;
            }

            done = window[^1];
        }

        foreach (var step in await RestAsync(done, size, ct))
        {
            yield return step;
        }
    }

    private async Task<IEnumerable<ExtractStep>> StepsAsync(long done, List<ExtractStep.Event> events, CancellationToken ct)
    {
        var nodes = await ReadNodesAsync(done, events, ct);
        return events.SelectMany(e =>
        {
            var before = done;
            done = e.Position;
            return Others(nodes, before, e.Position - 1).Append(e);
        });
    }

    private async Task<IEnumerable<ExtractStep>> RestAsync(long done, long size, CancellationToken ct) =>
        Others(await ReadNodesAsync([.. TreeOutline.Between(done, size)], ct), done, size);

    private static IEnumerable<ExtractStep> Others(Func<int, long, Bytes32> node, long from, long to) =>
        TreeOutline.Between(from, to).Select(n => new ExtractStep.Others(n.Level, node(n.Level, n.Index)));

    private static async Task<List<ExtractStep.Event>> ReadEventsAsync(NpgsqlCommand owned, CancellationToken ct)
    {
        await using var command = owned;
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
