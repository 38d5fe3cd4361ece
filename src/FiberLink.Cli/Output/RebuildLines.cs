using System.Globalization;
using FiberLink.EventStore.Rebuilding;

namespace FiberLink.Cli.Output;

/// <summary>Prints how far a rebuild is: a line for each step, and one a second while it reads the log.</summary>
internal sealed class RebuildLines(TimeProvider time) : IProgress<RebuildProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private RebuildStep? _step;
    private long _said;

    public void Report(RebuildProgress value)
    {
        if (value.Step == _step && (value.Step is not RebuildStep.Building || time.GetElapsedTime(_said) < Interval))
        {
            return;
        }

        (_step, _said) = (value.Step, time.GetTimestamp());
        Console.Out.WriteLine($"{value.ReadModel}: {Line(value)}");
    }

    private static string Line(RebuildProgress at) => at.Step switch
    {
        RebuildStep.Building when at.Left is { } left => string.Create(
            CultureInfo.InvariantCulture,
            $"{at.Position} of {at.Target} events, {at.Rate:0} a second, {left.TotalSeconds:0} s left"),
        RebuildStep.Building => string.Create(CultureInfo.InvariantCulture, $"{at.Position} of {at.Target} events"),
        RebuildStep.Analysing => "gathering statistics",
        RebuildStep.TakingOver => "taking over",
        RebuildStep.Comparing => "comparing",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
