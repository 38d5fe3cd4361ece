using FiberLink.Benchmarks.Log;
using FiberLink.Messaging;

namespace FiberLink.Benchmarks.Messages;

/// <summary>Healthy keys, beside a key whose messages always fail; in turns, since the machine's speed moves.</summary>
internal sealed class PoisonSection : ISection
{
    private const int Producers = 8;
    private const int Waiting = 1_000;
    private const double Left = 0.9;

    // Far more often than anything is tried in a service.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public string Name => "poison";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Healthy keys beside a poisoned one with {Waiting:N0} messages");
        await CompareAsync(bench, "tried as in a service", RetrySchedule.Default, ct);
        await CompareAsync(bench, $"tried each {Pause.TotalMilliseconds:0} ms", new(Pause, Pause, int.MaxValue), ct);
    }

    private static async Task CompareAsync(LogBench bench, string tried, RetrySchedule retries, CancellationToken ct)
    {
        var alone = await MeasureAsync(bench, "healthy keys alone", retries, 0, ct);
        await bench.AddAsync(alone);
        var beside = await MeasureAsync(bench, $"beside a poisoned one, {tried}", retries, Waiting, ct);
        await bench.AddAsync(beside with
        {
            Goals = [new(Figure.Rate, alone.Measured.Rate, Left, Producers) { IsAbsolute = true }],
            Note = $"{beside.Measured.Rate / alone.Measured.Rate:P0} of the rate alone",
        });
    }

    private static async Task<LogRow> MeasureAsync(LogBench bench, string work, RetrySchedule retries, int poisoned, CancellationToken ct)
    {
        await using var messages = await RunningMessages.StartAsync(bench, "poison", retries, ct);
        await Task.WhenAll(Enumerable.Range(0, poisoned).Select(_ => messages.PoisonAsync("poisoned", ct)));
        var row = await FlowSection.ClosedAsync(bench, messages, Producers, ct, work, "key");
        await messages.AssertSoundAsync(ct);
        return row;
    }
}
