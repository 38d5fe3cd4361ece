namespace FiberLink.Cli.Output;

/// <summary>Prints how far a verification is: a bar that moves on a terminal, and a line every few seconds elsewhere.</summary>
internal sealed class VerifyBar(TimeProvider time) : IProgress<(long Verified, long Of)>
{
    private const int Width = 30;

    private readonly long _started = time.GetTimestamp();
    private readonly TimeSpan _interval = Console.IsOutputRedirected ? TimeSpan.FromSeconds(5) : TimeSpan.FromMilliseconds(200);
    private long _said;
    private bool _isOpen;

    public void Report((long Verified, long Of) value)
    {
        if (_said != 0 && time.GetElapsedTime(_said) < _interval)
        {
            return;
        }

        _said = time.GetTimestamp();
        var rate = value.Verified / Math.Max(0.001, time.GetElapsedTime(_started).TotalSeconds);
        var left = (value.Of - value.Verified) / Math.Max(1, rate);
        var line = FormattableString.Invariant($"{value.Verified} of {value.Of} events, {rate:0} a second, {left:0} s left");
        if (Console.IsOutputRedirected)
        {
            Console.Out.WriteLine(line);
            return;
        }

        var done = (int)(Width * value.Verified / Math.Max(1, value.Of));
        Console.Out.Write($"\r[{new string('#', done)}{new string('.', Width - done)}] {line}   ");
        _isOpen = true;
    }

    public void End()
    {
        if (_isOpen)
        {
            Console.Out.WriteLine();
        }
    }
}
