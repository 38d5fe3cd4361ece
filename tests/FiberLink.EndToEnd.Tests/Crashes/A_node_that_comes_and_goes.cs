using System.Diagnostics;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>
/// The node is killed, cut off and started again at random, tells of a part of its changes only or of none, and loses answers; tips are
/// made and paid all the while.
/// </summary>
public sealed class A_node_that_comes_and_goes
{
    private const int ForumsAtOnce = 8;

    private static readonly TimeSpan Time =
        TimeSpan.FromSeconds(LongRun.IsAskedFor ? 600 : 20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Makes_no_settlement_be_lost_or_doubled()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed: {seed}, time: {Time}");
        await using var node = await SandboxProcess.StartAsync(Ct);
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var service = await scene.StartServiceAsync(
            Ct, (Names.NodeUrl, node.Endpoint.ToString()), (Names.RepeatWindowSeconds, "86400"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var forums = new TippingForums(service.Forum, node.Control);
        var tipping = forums.RunAsync(ForumsAtOnce, stop.Token, Ct);

        var accidents = await MeetWithAccidentsAsync(node, seed);
        await stop.CancelAsync();
        await tipping;
        TestContext.Current.TestOutputHelper!.WriteLine($"{accidents} accidents, {forums.Paid} payments");

        await forums.AssertSettledOnceAsync(scene.Books, Ct);
    }

    /// <summary>What can happen to a node, one thing after the other; in the end it is well.</summary>
    private static async Task<int> MeetWithAccidentsAsync(SandboxProcess node, int seed)
    {
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
        var random = new Random(seed);
        var (began, accidents) = (Stopwatch.GetTimestamp(), 0);
        for (; Stopwatch.GetElapsedTime(began) < Time; accidents++)
        {
            // Not a wait: the moments are what chance is asked for.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 3_000)), Ct);
            switch (random.Next(5))
            {
                case 0:
                    await node.KillAsync();
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1_500)), Ct);
                    await node.StartAgainAsync(Ct);
                    break;
                case 1:
                    await node.Control.GoAwayAsync(TimeSpan.FromMilliseconds(random.Next(3_000)), Ct);
                    break;
                case 2:
                    await node.Control.SubscriptionsAsync(
                        new() { BurstMax = random.Next(3), Dropped = random.NextDouble(), AreOffered = random.Next(3) > 0 }, Ct);
                    break;
                case 3:
                    await node.Control.CutByChanceAsync(random.NextDouble() / 5, random.NextDouble() / 5, random.Next(), Ct);
                    break;
                default:
                    await node.Control.ResetAsync(Ct);
                    break;
            }
        }
#pragma warning restore CA5394

        await node.Control.ResetAsync(Ct);
        return accidents;
    }
}
