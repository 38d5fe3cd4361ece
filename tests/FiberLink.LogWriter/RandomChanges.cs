using System.Collections.Concurrent;
using FiberLink.EventStore;

namespace FiberLink.LogWriter;

/// <param name="Token">The change's name for the checks.</param>
/// <param name="Change">What to append.</param>
/// <param name="Times">How many callers append it at once.</param>
/// <param name="Patience">After how many turns the caller gives up; null when never.</param>
public sealed record Wish(string Token, Change Change, int Times, int? Patience);

/// <summary>Changes of every kind: right ones, late ones, broken ones, repeated ones; over few streams, so that they meet.</summary>
/// <param name="random">Chance by a seed.</param>
/// <param name="prefix">The streams' names begin with it; writers with the same one meet.</param>
/// <param name="versions">What this process believes about streams.</param>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
public sealed class RandomChanges(Random random, string prefix, ConcurrentDictionary<StreamId, long> versions)
{
    private const int Streams = 12;
    private const int StreamEventsMax = 60;
    private const int RememberedMax = 30;
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<Wish> _said = [];

    public Wish Next()
    {
        var wish = random.Next(100) switch
        {
            < 3 => Malformed(),
            < 8 when _said.Count > 0 => Pick(_said) with { Patience = Patience() },
            < 10 when _said.Count > 0 => Impostor(Pick(_said)),
            < 14 => OfRows(),
            _ => Usual(),
        };
        _said.Add(wish);
        if (_said.Count > RememberedMax)
        {
            _said.RemoveAt(random.Next(RememberedMax));
        }

        return wish;
    }

    private Wish Usual()
    {
        var token = NewToken();
        var rows = Rows(token, Math.Max(0, random.Next(5) - 2));
        var streams = Enumerable.Range(0, random.Next(10) < 7 ? 1 : 1 + random.Next(3)).Select(_ => Stream()).Distinct().ToArray();
        var counts = streams.Select(_ => 1 + random.Next(3)).ToArray();
        var (number, of) = (0, counts.Sum());
        var appends = streams
            .Zip(counts, (stream, count) =>
                new StreamAppend(stream, Expected(stream), [.. Enumerable.Range(0, count).Select(_ => Event())]))
            .ToArray();
        return Wished(token, new Change(appends, Metadata(token), At()) { Rows = rows, Claims = Claims(token), Releases = Releases() });

        NewEvent Event()
        {
            var overdraws = random.Next(50) == 0;
            var account = random.Next(3) == 0 ? $"account-{random.Next(5)}" : "hot";
            var units = overdraws ? -1_000_000_000_000 : random.Next(-3, 10);
            return new(Guid.CreateVersion7(), new Moved(account, units, ++number, of, rows.Length));
        }
    }

    private Wish OfRows()
    {
        var token = NewToken();
        var change = Change.OfRows(Metadata(token), At(), [.. Rows(token, 1 + random.Next(2))]);
        return Wished(token, change with { Id = random.Next(3) == 0 ? Guid.Empty : Guid.CreateVersion7(), Claims = Claims(token) });
    }

    private Wish Malformed()
    {
        var wish = Usual();
        var first = wish.Change.Appends[0];
        return wish with
        {
            Change = wish.Change with
            {
                Appends = random.Next(3) switch
                {
                    0 => [first, first],
                    1 => [first with { Events = [] }],
                    _ => [first with { Events = [new(Guid.CreateVersion7(), new Moved("nul\0", 1, 1, 1, 0))] }],
                },
            },
        };
    }

    /// <summary>Another change under a name that is known.</summary>
    private Wish Impostor(Wish known) =>
        Usual() is var other && known.Change.Appends.Count > 0 ? other with { Change = other.Change with { Id = known.Change.Id } } : other;

    private Wish Wished(string token, Change change) =>
        new(token, change, change.Id != Guid.Empty && random.Next(12) == 0 ? 2 : 1, Patience());

    private int? Patience() => random.Next(8) == 0 ? random.Next(40) : null;

    private StreamId Stream()
    {
        var number = random.Next(Streams);
        for (var part = 0; ; part++)
        {
            var stream = new StreamId("demo", $"{prefix}-{number}-{part}");
            if (versions.GetValueOrDefault(stream) < StreamEventsMax)
            {
                return stream;
            }
        }
    }

    private ExpectedVersion Expected(StreamId stream) =>
        random.Next(20) switch
        {
            0 => ExpectedVersion.NoStream,
            1 => ExpectedVersion.Exactly(versions.GetValueOrDefault(stream) + 1 + random.Next(3)),
            < 8 => ExpectedVersion.Any,
            _ => ExpectedVersion.Exactly(versions.GetValueOrDefault(stream)),
        };

    private KeyRow[] Rows(string token, int count)
    {
        var rows = Enumerable.Range(0, count).Select(i => new KeyRow($"{token}-{i}-{count}")).ToArray();
        return random.Next(20) switch
        {
            0 => [.. rows, new KeyRow($"{token} is far too long for it")],
            1 => [.. rows, new KeyRow(WriterLog.TakenKey)],
            _ => rows,
        };
    }

    private Claim[] Claims(string token) =>
        random.Next(6) == 0
            ? [new("demo", "scope", $"key-{random.Next(6)}", random.Next(2) == 0 ? token : "holder", At().AddMinutes(random.Next(-5, 20)))]
            : [];

    private ClaimRelease[] Releases() => random.Next(10) == 0 ? [new("demo", "scope", "holder")] : [];

    private DateTimeOffset At() => Noon.AddMinutes(random.Next(60));

    private static EventMetadata Metadata(string token) => new(token, null, null, null);

    private static string NewToken() => Guid.CreateVersion7().ToString("N");

    private Wish Pick(List<Wish> from) => from[random.Next(from.Count)];
}
#pragma warning restore CA5394
