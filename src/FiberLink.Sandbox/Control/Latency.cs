namespace FiberLink.Sandbox.Control;

/// <summary>
/// How long calls wait, drawn anew for each of them: never less than the shortest, half of them no longer than the typical, and a few
/// as long as the longest.
/// </summary>
/// <param name="Min">The shortest.</param>
/// <param name="Typical">Half of those that aren't in the tail wait no longer.</param>
/// <param name="Max">Nothing waits longer.</param>
/// <param name="TailShare">The share of calls, 0 to 1, that wait longer than all others, up to the longest.</param>
internal sealed record Latency(TimeSpan Min, TimeSpan Typical, TimeSpan Max, double TailShare)
{
    public static readonly Latency None = Constant(TimeSpan.Zero);

    /// <summary>Beyond so many times the typical begins the tail.</summary>
    private const int TailBegins = 4;

    public static Latency Constant(TimeSpan delay) => new(delay, delay, delay, 0);

    /// <summary>How long the next call waits.</summary>
    public TimeSpan Next(SeededChance chance)
    {
        if (Min == Max)
        {
            return Min;
        }

        var body = Min + ((Typical - Min) * Math.Min(-Math.Log2(1 - chance.Draw()), TailBegins));
        var most = Min + ((Typical - Min) * TailBegins);
        var wait = chance.Strikes(TailShare) && most < Max ? most + ((Max - most) * chance.Draw()) : body;
        return wait < Max ? wait : Max;
    }
}
