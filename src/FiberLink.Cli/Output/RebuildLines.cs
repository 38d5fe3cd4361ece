using System.Globalization;
using FiberLink.EventStore.Rebuilding;

namespace FiberLink.Cli.Output;

/// <summary>
/// Prints how far a rebuild is: a line for each step, and one a second while it reads the log. On a terminal the latter is one line
/// with a bar, which moves.
/// </summary>
/// <param name="time">Says when it is time for another.</param>
/// <param name="isTerminal">Whether a line can be written over.</param>
/// <param name="to">Where it is written.</param>
internal sealed class RebuildLines(TimeProvider time, bool isTerminal, TextWriter to) : IProgress<RebuildProgress>
{
    private const int BarWidth = 30;

    private readonly TimeSpan _interval = isTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(1);
    private RebuildStep? _step;
    private long _said;
    private int _open;

    /// <summary>To whatever is watching.</summary>
    public RebuildLines(TimeProvider time)
        : this(time, !Console.IsOutputRedirected, Console.Out)
    {
    }

    public void Report(RebuildProgress value)
    {
        if (value.Step == _step && (value.Step is not RebuildStep.Building || time.GetElapsedTime(_said) < _interval))
        {
            return;
        }

        (_step, _said) = (value.Step, time.GetTimestamp());
        var line = $"{value.ReadModel}: {Line(value)}";
        if (!isTerminal)
        {
            to.WriteLine(line);
        }
        else if (value.Step is RebuildStep.Building)
        {
            // Over the line before, and over its end where that was longer.
            to.Write($"\r{$"{Bar(value)} {line}".PadRight(_open)}");
            _open = BarWidth + 3 + line.Length;
        }
        else
        {
            to.WriteLine(_open > 0 ? $"\n{line}" : line);
            _open = 0;
        }
    }

    private static string Bar(RebuildProgress at)
    {
        var done = (int)(BarWidth * Math.Min(1.0, (double)at.Position / Math.Max(1, at.Target)));
        return $"[{new string('#', done)}{new string('.', BarWidth - done)}]";
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
