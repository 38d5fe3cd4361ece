using System.Diagnostics;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>
/// The database is shut down, in order and not, and all connections are cut, at random; tips are made and paid all the while.
/// </summary>
public sealed class A_database_that_comes_and_goes
{
    private const int ForumsAtOnce = 8;
    private const int PauseMillisecondsMax = 1_500;

    private static readonly int Accidents = LongRun.IsAskedFor ? 100 : 9;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Makes_no_message_be_lost_or_handled_twice_and_the_service_says_when_it_is_away()
    {
        var seed = Environment.TickCount;
        Say($"Seed: {seed}, accidents: {Accidents}");
        await using var server = await OwnServer.StartAsync(Ct);
        await using var scene = await ServiceScene.StartOnAsync(server, Ct);
        await using var service = await scene.StartServiceAsync(Ct, (Names.RepeatWindowSeconds, "86400"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var forums = new TippingForums(service.Forum, scene.Node);
        var tipping = forums.RunAsync(ForumsAtOnce, stop.Token, Ct);

#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
        var random = new Random(seed);
        for (var accident = 0; accident < Accidents; accident++)
        {
            // Not a wait: the moments are what chance is asked for.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(PauseMillisecondsMax)), TimeProvider.System, Ct);

            // Each kind has its turn, so that a short run has all of them.
            switch (accident % 3)
            {
                case 0:
                    await server.StopAsync();
                    await BackAsync();
                    break;
                case 1:
                    await server.StopAtOnceAsync();
                    await BackAsync();
                    break;
                default:
                    await server.CutAllAsync(Ct);
                    await ReadyAsync(200);
                    break;
            }

            var paid = forums.Paid;
            await Eventually.HoldsAsync("tips are made and paid again", () => forums.Paid > paid, Ct);
        }
#pragma warning restore CA5394

        await stop.CancelAsync();
        await tipping;
        await forums.AssertSettledOnceAsync(scene.Books, Ct);
        Assert.False(service.Process.HasExited);
        Say($"{forums.Paid} payments");

        async Task BackAsync()
        {
            await ReadyAsync(503);
            await server.StartAgainAsync();
            var back = Stopwatch.GetTimestamp();
            await ReadyAsync(200);
            Say($"Ready {Stopwatch.GetElapsedTime(back)} after the database was back");
        }

        Task ReadyAsync(int status) =>
            Eventually.HoldsAsync($"ready says {status}", async () => (await service.ReadinessAsync(scene.Http, Ct)).Status == status, Ct);
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
