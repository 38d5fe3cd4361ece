using System.Collections.Concurrent;
using FiberLink.Benchmarks.Log;
using FiberLink.Messaging;

namespace FiberLink.Benchmarks.Messages;

/// <summary>From a commit through the dispatcher to the handler's commit: as many as there can be, and at a steady pace.</summary>
internal sealed class FlowSection : ISection
{
    private const int PerSecond = 500;
    private const double PacedMilliseconds = 20;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public string Name => "flow";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync("Commit a message, until its effect has committed (times: from the one answer to the other)");
        await using var messages = await RunningMessages.StartAsync(bench, Name, RetrySchedule.Default, ct);
        foreach (var producers in bench.Options.Writers)
        {
            await bench.AddAsync(await ClosedAsync(bench, messages, producers, ct));
        }

        await PacedAsync("warm up", bench, messages, ct);
        var paced = await bench.CostingAsync(1, () => PacedAsync($"{PerSecond} a second", bench, messages, ct));
        await bench.AddAsync(paced with
        {
            Goals =
            [
                new(Figure.P99, PacedMilliseconds, 1, 1) { IsAbsolute = true },
                new(Figure.Rate, PerSecond, 0.98, 1) { IsAbsolute = true },
            ],
        });
        await messages.AssertSoundAsync(ct);
    }

    /// <summary>Each producer waits until its message is handled before it sends the next.</summary>
    public static async Task<LogRow> ClosedAsync(
        LogBench bench, RunningMessages messages, int producers, CancellationToken ct, string work = "producers", string? key = null)
    {
        var latencies = new ConcurrentBag<TimeSpan>();
        await RunAsync(bench.Options.Time < WarmUp ? bench.Options.Time : WarmUp);
        latencies.Clear();
        var row = await bench.CostingAsync(producers, () => RunAsync(bench.Options.Time));
        return row with { Measured = row.Measured with { Latencies = [.. latencies] } };

        Task<Measured> RunAsync(TimeSpan time) => Measured.ForAsync(
            work,
            producers,
            time,
            async (producer, token) => latencies.Add(await messages.SendAsync(key is null ? null : $"{key}-{producer}", token)),
            ct);
    }

    private static Task<Measured> PacedAsync(string row, LogBench bench, RunningMessages messages, CancellationToken ct) =>
        Paced.AtAsync(row, PerSecond, passed => passed < bench.Options.Time, _ => messages.SendAsync(null, ct), ct);
}
