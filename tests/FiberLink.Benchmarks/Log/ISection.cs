namespace FiberLink.Benchmarks.Log;

/// <summary>A part of the table.</summary>
internal interface ISection
{
    /// <summary>One word, by which it is asked for.</summary>
    string Name { get; }

    Task RunAsync(LogBench bench, CancellationToken ct);
}

/// <summary>A part of the table that is measured again while the log grows.</summary>
internal interface IGrowingSection : ISection
{
    /// <summary>Measures on a log that has something in it already.</summary>
    Task MeasureAsync(LogBench bench, BenchDatabase database, CancellationToken ct);
}
