using System.Globalization;
using System.Text.Json;
using FiberLink.Chain.Transactions;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>kill -9 at moments that nobody chose, while withdrawals leave over the chain, over Fiber, and to members of the hub.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class A_service_killed_at_random_while_it_pays
{
    private const ulong Ckb = CellOutput.ShannonPerByte;
    private const int KillAfterMillisecondsMax = 2_500;
    private const int CellsPerKill = 2;
    private const string Payer = "9";
    private const string Creator = "8";

    private static readonly int Kills = Environment.GetEnvironmentVariable("FIBERLINK_TEST_LONG") == "1" ? 100 : 5;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pays_each_once_and_holds_nothing_in_the_end()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed: {seed}, kills: {Kills}");
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
        var random = new Random(seed);
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using var chain = await ChainScene.StartAsync(Ct);
        await chain.FundAsync(Kills * CellsPerKill, Ct);
        (string, string)[] settings = [.. chain.Settings, (Names.PayoutRepeatWindowSeconds, "86400")];
        var wishes = new List<(string Amount, string Destination)>();
        await using (var first = await scene.StartServiceAsync(Ct, settings))
        {
            await EarnAsync(scene, first, Kills * 200);
            for (var n = 1; n <= Kills; n++)
            {
                // Each of another amount, so that no wish is another one's repetition.
                wishes.Add(($"62.{n:000}", chain.Address));
                wishes.Add(($"50.{n:000}", await scene.Node.Payments.IssueAsync(new((50_000 + (ulong)n) * (Ckb / 1_000)), Ct)));
                wishes.Add(($"20.{n:000}", await first.Forum.CreateTipAsync(new Wish($"{n}", "7", Creator, $"20.{n:000}", "thanks"), Ct)));
            }
        }

        for (var round = 0; round < Kills; round++)
        {
            await using var doomed = await scene.StartServiceAsync(Ct, settings);
            var asked = wishes.Skip(round * 3).Take(3).Select(w => AskAsync(doomed.Forum, w)).ToArray();

            // Not a wait: the moment of death is what chance is asked for.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(KillAfterMillisecondsMax)), TimeProvider.System, Ct);
            await chain.Control.MineAsync(1, Ct);
            await doomed.Process.KillAsync();
            await Task.WhenAll(asked);
        }
#pragma warning restore CA5394

        await using var survivor = await scene.StartServiceAsync(Ct, settings);
        foreach (var wish in wishes)
        {
            // What was not answered is asked for again, as a forum does; what was granted is not granted twice.
            Assert.True(await AskAsync(survivor.Forum, wish));
        }

        await AssertEachIsPaidOnceAsync(scene, chain);
    }

    private static async Task EarnAsync(ServiceScene scene, RunningService service, int coins)
    {
        var amount = coins.ToString(CultureInfo.InvariantCulture);
        var invoice = await service.Forum.CreateTipAsync(new Wish("1", "7", Payer, amount, "well said"), Ct);
        await scene.Node.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync(
            "the tip is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
    }

    private static async Task<bool> AskAsync(SignedCaller forum, (string Amount, string Destination) wish)
    {
        try
        {
            await forum.WithdrawAsync(Payer, wish.Amount, wish.Destination, Ct);
            return true;
        }
        catch (Exception died) when (died is HttpRequestException or IOException or JsonException)
        {
            return false;
        }
    }

    private static async Task AssertEachIsPaidOnceAsync(ServiceScene scene, ChainScene chain)
    {
        await Eventually.HoldsAsync(
            "all are over",
            async () =>
            {
                await chain.Control.MineAsync(1, Ct);
                return await scene.Books.EventsAsync("withdrawal.completed.v1", Ct) >= 2 * Kills
                    && await scene.Books.EventsAsync("withdrawal.transferred.v1", Ct) >= Kills;
            },
            Ct);
        var sum = (ulong)(Kills * (Kills + 1) / 2) * (Ckb / 1_000);
        Assert.Equal((UInt128)((62 * Ckb * (ulong)Kills) + sum - (1_000 * (ulong)Kills)), await chain.PaidAsync(Ct));
        var payments = await scene.Node.Payments.ListAsync(Ct);
        Assert.Equal((Kills, Kills), (payments.Count(p => p.IsTaken), payments.Select(p => p.PaymentHash).Distinct().Count()));
        Assert.Equal((long)((20 * Ckb * (ulong)Kills) + sum), await scene.Books.BalanceAsync(Creator, Ct));
        foreach (var once in (string[])["withdrawal.requested.v1", "withdrawal.completed.v1", "withdrawal.transferred.v1"])
        {
            Assert.Equal(0, await scene.Books.RepeatedAsync(once, Ct));
        }

        Assert.Equal(3 * Kills, await scene.Books.EventsAsync("withdrawal.requested.v1", Ct));
        Assert.Equal(0, await scene.Books.EventsAsync("withdrawal.failed.v1", Ct));
        Assert.Equal(0, await scene.Books.TrialBalanceAsync(Ct));
        Assert.Equal(0, await scene.Books.UnbalancedEntriesAsync(Ct));
        Assert.Equal(0, await scene.Books.DeadLettersAsync(Ct));
        Assert.Equal(
            0, await scene.Books.NumberAsync("select sum(units) from read_models.account_balances where account = 'MemberHeld'", Ct));
    }
}
