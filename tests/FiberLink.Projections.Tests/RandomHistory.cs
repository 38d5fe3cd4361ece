using FiberLink.Events;
using FiberLink.Events.Communities;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;

namespace FiberLink.Projections.Tests;

/// <summary>What may have happened in two communities, drawn from a seed.</summary>
internal static class RandomHistory
{
    private static readonly string[] Members = ["alice", "bob", "carol", "dave"];
    private static readonly string[] Tenants = ["demo", "other"];
    private static readonly Asset[] Assets = [Asset.Ckb, new("USDI")];

    public static IReadOnlyList<Happening> Of(int seed, int tips)
    {
#pragma warning disable CA5394 // A seed that is printed is worth more here than one that nobody can guess.
        var random = new Random(seed);
        var open = Enumerable.Range(0, tips).Select(i => LifeOf(random, i)).ToList();
        var history = new List<Happening>(RandomWithdrawals.Funds());
        var others = new Queue<Happening>([.. Communities(), .. RandomWithdrawals.Rules(), .. Movement.Lives()]);
        while (open.Count > 0 || others.Count > 0)
        {
            if (others.Count > 0 && (open.Count == 0 || random.Next(10) == 0))
            {
                history.Add(others.Dequeue());
                continue;
            }

            // They begin roughly in order, and then go their own ways.
            var at = random.Next(Math.Min(open.Count, 12));
            var left = open[at];
            var stream = left.Peek().Stream;
            var now = new List<object>();
            for (var n = random.Next(1, 4); n > 0 && left.Count > 0 && left.Peek().Stream == stream; n--)
            {
                now.Add(left.Dequeue().Event);
            }

            history.Add(new(stream, Tip.Noon.AddSeconds(history.Count), now));
            if (left.Count == 0)
            {
                open.RemoveAt(at);
            }
        }

        return history;
    }

    /// <summary>Every third is a withdrawal, perhaps with others after it that need what it held.</summary>
    private static Queue<(StreamId Stream, object Event)> LifeOf(Random random, int index)
    {
        if (index % 3 == 2)
        {
            return new(RandomWithdrawals.Draw(random, Tenants[random.Next(Tenants.Length)], Assets[random.Next(Assets.Length)], index));
        }

        var tip = Draw(random, index);
        return new(Life(random, tip).Select(e => (tip.Stream, (object)e)));
    }

    private static Tip Draw(Random random, int index) =>
        new(Members[random.Next(Members.Length)], Members[random.Next(Members.Length)], (UInt128)random.NextInt64(1, long.MaxValue))
        {
            Tenant = Tenants[random.Next(Tenants.Length)],
            Asset = Assets[random.Next(Assets.Length)],
            At = Tip.Noon.AddSeconds(index),
            Message = random.Next(2) == 0 ? null : new SealedText(Guid.CreateVersion7(), "nonce", "sealed"),
        };

    /// <summary>Any way a tip can go, and any point at which it may stand.</summary>
    private static IEnumerable<TipEvent> Life(Random random, Tip tip)
    {
        var late = tip.SettledAt(tip.At.AddHours(2), late: true);
        TipEvent[][] lives =
        [
            [tip.Requested, tip.Issued, tip.Received, tip.Settled],
            [tip.Requested, tip.Issued, tip.Settled],
            [tip.Requested, tip.Issued, tip.Expired, tip.Received, late],
            [tip.Requested, tip.Issued, tip.Expired, tip.Cancelled, late],
            [tip.Requested, tip.Issued, tip.Cancelled, tip.Expired],
            [tip.Requested, tip.Issued, tip.Received, tip.Cancelled, late],
            [tip.Requested, tip.Refused],
            [tip.Requested, tip.Refused, tip.Issued, tip.Received, late],
            [tip.Requested, tip.Refused, tip.Suspended],
            [tip.Requested, tip.Issued, tip.Suspended],
            [tip.Requested, tip.Suspended],
        ];
        var life = lives[random.Next(lives.Length)];
        return life.Take(random.Next(1, life.Length + 3));
    }

    /// <summary>Cuts a list into batches of any size from 1 to 40.</summary>
    public static IEnumerable<IReadOnlyList<T>> Cut<T>(IReadOnlyList<T> all, int seed)
    {
        var random = new Random(seed);
        for (var from = 0; from < all.Count;)
        {
            var size = Math.Min(random.Next(1, 41), all.Count - from);
            yield return [.. all.Skip(from).Take(size)];
            from += size;
        }
    }
#pragma warning restore CA5394

    private static IEnumerable<Happening> Communities() =>
        Tenants.SelectMany(tenant =>
        {
            Guid first = Guid.CreateVersion7(), second = Guid.CreateVersion7(), third = Guid.CreateVersion7();
            CommunityEvent[] events =
            [
                new CommunityEvent.Registered(tenant, $"The {tenant} community", first, Tip.Noon),
                new CommunityEvent.SecretRotated(tenant, second, first, Tip.Noon.AddDays(1), Tip.Noon.AddHours(1)),
                new CommunityEvent.SecretRotated(tenant, third, second, Tip.Noon.AddDays(3), Tip.Noon.AddDays(2)),
            ];
            return events.Select(e => new Happening(new(tenant, $"community-{tenant}"), Tip.Noon, [e]));
        });
}
