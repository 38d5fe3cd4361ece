using FiberLink.Benchmarks.Log;

namespace FiberLink.Benchmarks.Messages;

/// <summary>Healthy keys, beside a key whose messages always fail; in turns, since the machine's speed moves.</summary>
internal sealed class PoisonSection : ISection
{
    private const int Producers = 8;
    private const int Waiting = 1_000;
    private const int Turns = 2;
    private const double Left = 0.9;

    // Far more often than anything is tried in a service: fifty failures a second.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public string Name => "poison";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync($"Healthy keys beside a poisoned one: tried each {Pause.TotalMilliseconds:0} ms, {Waiting} more behind it");
        for (var turn = 0; turn < Turns; turn++)
        {
            var alone = await MeasureAsync(bench, "healthy keys alone", 0, ct);
            await bench.AddAsync(alone);
            var beside = await MeasureAsync(bench, "healthy keys beside a poisoned one", 1 + Waiting, ct);
            await bench.AddAsync(beside with
            {
                Goals = [new(Figure.Rate, alone.Measured.Rate, Left, Producers) { IsAbsolute = true }],
                Note = $"{beside.Measured.Rate / alone.Measured.Rate:P0} of the rate alone",
            });
        }
    }

    private static async Task<LogRow> MeasureAsync(LogBench bench, string work, int poisoned, CancellationToken ct)
    {
        await using var messages = await RunningMessages.StartAsync(bench, "poison", new(Pause, Pause, int.MaxValue), ct);
        for (var n = 0; n < poisoned; n++)
        {
            await messages.PoisonAsync("poisoned", ct);
        }

        var row = await FlowSection.ClosedAsync(bench, messages, Producers, ct, work, "key");
        await messages.AssertSoundAsync(ct);
        return row;
    }
}
