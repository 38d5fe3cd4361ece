using System.Globalization;
using System.Text.RegularExpressions;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;

namespace FiberLink.EventStore.Daemon;

/// <summary>What one shard is called wherever it is spoken of.</summary>
/// <param name="Consumer">The projection or subscription.</param>
/// <param name="Part">Which streams.</param>
internal readonly partial record struct ShardName(string Consumer, StreamShard Part)
{
    private const string Whole = "All";

    /// <summary><c>All</c>, as Marten calls it, or <c>2of4</c>.</summary>
    public string Label => Part.Count == 1 ? Whole : $"{Part.Number + 1}of{Part.Count}";

    /// <summary>The key of its progress.</summary>
    public string Row => $"{Consumer}:{Label}";

    /// <summary>The key of its state.</summary>
    public string State => Part.Count == 1 ? Consumer : Row;

    /// <summary>The advisory lock that whoever runs it holds.</summary>
    public long Lock => AdvisoryKey.Of($"projection/{State}");

    /// <summary>All shards of a consumer, in order.</summary>
    public static IReadOnlyList<ShardName> AllOf(string consumer, int count) =>
        [.. Enumerable.Range(0, count).Select(n => new ShardName(consumer, new(n, count)))];

    /// <summary>The shard whose progress has this key; null when the key is of something else.</summary>
    public static ShardName? OfRow(string consumer, string row)
    {
        if (!row.StartsWith($"{consumer}:", StringComparison.Ordinal))
        {
            return null;
        }

        var label = row[(consumer.Length + 1)..];
        return label == Whole
            ? new ShardName(consumer, StreamShard.All)
            : PartLabel().Match(label) is { Success: true, Groups: var part }
                ? new ShardName(consumer, new(Number(part[1].Value) - 1, Number(part[2].Value)))
                : null;
    }

    public override string ToString() => State;

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex("^([0-9]{1,4})of([0-9]{1,4})$")]
    private static partial Regex PartLabel();
}
