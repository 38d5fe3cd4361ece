using System.Diagnostics;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.MessageWorker;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>
/// kill -9 under load, at moments that nobody chose, while others handle messages of the same keys; producers die with the handlers.
/// </summary>
public sealed class Message_handlers_killed_at_random
{
    private const int WorkersAtOnce = 2;
    private const int ProducersEach = 4;
    private const int KillAfterMillisecondsMax = 600;

    private static readonly int Kills = LongRun.IsAskedFor ? 100 : 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lose_no_message_double_no_effect_and_keep_the_order_of_each_key()
    {
        var seed = Environment.TickCount;
        Say($"Seed: {seed}, kills: {Kills}");
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
        var random = new Random(seed);
        await using var database = await TestDatabase.CreateAsync(Letters.Migrations);
        var audit = new LetterAudit(database.DataSource);
        var (workers, began) = (new List<MessageWorkerProcess>(), Stopwatch.GetTimestamp());
        try
        {
            for (var number = 0; number < Kills + WorkersAtOnce; number++)
            {
                var worker = MessageWorkerProcess.Start(
                    database.ConnectionString, $"worker-{number}", seed + number, ProducersEach);
                workers.Add(worker);
                await worker.SaysAsync("committed", 1, Ct);
                if (workers.Count > WorkersAtOnce)
                {
                    // Not a wait: the moment of death is what chance is asked for.
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(KillAfterMillisecondsMax)), TimeProvider.System, Ct);
                    var doomed = workers[random.Next(workers.Count)];
                    await doomed.Process.KillAsync();
                    workers.Remove(doomed);
                    await doomed.DisposeAsync();
                }
            }
#pragma warning restore CA5394

            var killing = Stopwatch.GetElapsedTime(began);
            await Task.WhenAll(workers.Select(w => w.QuietAsync(Ct)));
            var letters = await audit.AssertAllIsDoneOnceAsync(Ct);
            Say($"{letters} letters, killed for {killing}, done after {Stopwatch.GetElapsedTime(began)}");
            Assert.True((await audit.DoneByAsync(Ct)).Count >= Kills, "Each worker has done something.");
            await Task.WhenAll(workers.Select(w => w.StopAsync(Ct)));
        }
        finally
        {
            await Task.WhenAll(workers.Select(w => w.DisposeAsync().AsTask()));
        }
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
