using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;

namespace FiberLink.HubNode.Tests;

public sealed class Waiting_by_chance
{
    private const int Draws = 10_000;

    private static readonly Latency Usual = new(Ms(10), Ms(30), Ms(5_000), 0.01);

    [Fact]
    public void Half_wait_no_longer_than_the_typical_and_few_nearly_as_long_as_the_longest()
    {
        var waits = Waits(seed: 1);

        Assert.InRange(waits[Draws / 2], Ms(28), Ms(32));
        Assert.InRange(waits[0], Ms(10), Ms(11));
        Assert.InRange(waits[^1], Ms(4_500), Ms(5_000));
        Assert.InRange(waits.Count(w => w > Ms(90)), 60, 140);
    }

    [Fact]
    public void The_same_seed_waits_the_same() => Assert.Equal(Waits(seed: 7), Waits(seed: 7));

    [Fact]
    public void A_constant_is_one() => Assert.Equal(Ms(5), Latency.Constant(Ms(5)).Next(new(1)));

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static List<TimeSpan> Waits(int seed)
    {
        var chance = new SeededChance(seed);
        return [.. Enumerable.Range(0, Draws).Select(_ => Usual.Next(chance)).Order()];
    }
}
