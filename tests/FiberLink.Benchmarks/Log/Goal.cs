namespace FiberLink.Benchmarks.Log;

/// <summary>Which figure of a row a goal is about.</summary>
internal enum Figure
{
    /// <summary>Operations a second; more is better.</summary>
    Rate = 1,

    /// <summary>The median, in milliseconds; less is better.</summary>
    P50 = 2,

    /// <summary>What 99 of 100 do not exceed, in milliseconds; less is better.</summary>
    P99 = 3,

    /// <summary>The slowest, in milliseconds; less is better.</summary>
    Max = 4,
}

/// <summary>What a row has to come to, said for the machine where Marten was measured.</summary>
/// <param name="Figure">Which figure.</param>
/// <param name="There">Marten's, or a time that is called for, on that machine.</param>
/// <param name="Factor">How many times as much is needed.</param>
/// <param name="Clients">With which of pgbench's rows the machines are compared.</param>
internal sealed record Goal(Figure Figure, double There, double Factor, int Clients)
{
    /// <summary>A goal that is the same on every machine.</summary>
    public bool IsAbsolute { get; init; }

    /// <summary>What is needed on this machine.</summary>
    public double Needed(Reference reference)
    {
        var scale = IsAbsolute ? 1 : reference.Scale(Clients);
        return Figure is Figure.Rate ? There * Factor * scale : There * Factor / scale;
    }

    public bool IsReached(Measured measured, Reference reference) => Figure is Figure.Rate
        ? measured.Rate >= Needed(reference)
        : measured.At(Share()) <= Needed(reference);

    public string Said(Reference reference) => Figure is Figure.Rate
        ? $"{Needed(reference):N0}/s"
        : $"{Name()} {Needed(reference):F1} ms";

    private string Name() => Figure switch { Figure.P50 => "p50", Figure.P99 => "p99", _ => "max" };

    private double Share() => Figure switch { Figure.P50 => 0.5, Figure.P99 => 0.99, _ => 1 };
}
