namespace FiberLink.Benchmarks.Log;

/// <summary>How the event store is measured.</summary>
/// <param name="Time">How long each row runs.</param>
/// <param name="Writers">How many write at once: a row for each.</param>
/// <param name="Events">How many events are in the log before appends are measured.</param>
/// <param name="RebuiltEvents">How many events are rebuilt from.</param>
/// <param name="Sections">What is measured.</param>
internal sealed record LogOptions(
    TimeSpan Time, IReadOnlyList<int> Writers, int Events, int RebuiltEvents, IReadOnlyList<string> Sections);
