namespace FiberLink.Sandbox;

/// <summary>Accidents that happen in the same order each time: what a run with a seed has shown, another run shows again.</summary>
internal sealed class SeededChance(int seed)
{
    private const double Whole = 1UL << 53;

    private readonly Lock _lock = new();

    // SplitMix64: any seed will do, and the numbers are even enough for accidents.
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL);

    /// <summary>Whether something that happens with this probability, 0 to 1, happens now.</summary>
    public bool Strikes(double probability) => probability > 0 && Draw() < probability;

    /// <summary>A number from 0 on and below 1.</summary>
    public double Draw()
    {
        lock (_lock)
        {
            _state = unchecked(_state + 0x9E3779B97F4A7C15UL);
            var mixed = unchecked((_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9UL);
            mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL);
            return ((mixed ^ (mixed >> 31)) >> 11) / Whole;
        }
    }
}
