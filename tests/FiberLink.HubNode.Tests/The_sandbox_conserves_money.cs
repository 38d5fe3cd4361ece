using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Payments;
using FiberLink.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.HubNode.Tests;

#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
/// <summary>Whatever is paid in any order: each channel always holds what it was opened with, and nobody in it less than nothing.</summary>
public sealed class The_sandbox_conserves_money
{
    private const int StepsPerRun = 40;

    private static readonly string[] Errors = ["TemporaryChannelFailure", "InvoiceCancelled", "HoldTlcTimeout"];

    [Fact]
    public void Random_payments_in_and_out_change_no_sum_and_leave_nothing_negative() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed => RunAsync(new Random(seed)).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    private static async Task RunAsync(Random random)
    {
        using var folder = new TempFolder();
        var file = folder.File("state.jsonl");
        var time = new DrivenTime();
        List<UInt128> opened;
        IReadOnlyList<HubChannel> last;
        UInt128 ours, expected;
        await using (var scene = await Scene.StartAsync(stateFile: file, time: time))
        {
            await scene.Control.Payments.OpenChannelAsync(1, udtScript: null, 3_000_000_000, 2_000_000_000, Scene.Ct);
            var at = await scene.ChannelsAsync();
            opened = [.. at.Select(c => c.LocalBalance + c.RemoteBalance)];
            ours = Sum(at);
            for (var step = 0; step < StepsPerRun; step++)
            {
                await StepAsync(scene, random);
                Check(opened, await scene.ChannelsAsync());
            }

            await scene.PassAsync();
            await Eventually.HoldsAsync("all have ended but those that are held", async () => await EndedAsync(scene), Scene.Ct);
            last = await scene.ChannelsAsync();
            expected = ours + await PaidInAsync(scene) - await PaidOutAsync(scene);
        }

        Check(opened, last);
        Assert.Equal(expected, Sum(last));
        await using var again = await Scene.StartAsync(stateFile: file, time: time);
        Assert.Equal(
            last.Select(c => (c.LocalBalance, c.OfferedBalance, c.RemoteBalance, c.ReceivedBalance)),
            (await again.ChannelsAsync()).Select(c => (c.LocalBalance, c.OfferedBalance, c.RemoteBalance, c.ReceivedBalance)));
    }

    private static async Task StepAsync(Scene scene, Random random)
    {
        switch (random.Next(7))
        {
            case 0:
                await MayBeRefusedAsync(async () => await scene.Control.PayAsync((await InvoiceAsync(scene, random)).Invoice, Scene.Ct));
                break;
            case 1:
                var held = await InvoiceAsync(scene, random);
                await MayBeRefusedAsync(() => scene.Control.HoldAsync(held.Invoice, Scene.Ct));
                await MayBeRefusedAsync(() => random.Next(2) == 0
                    ? scene.Control.SettleAsync(held.Invoice, Scene.Ct)
                    : scene.Control.CancelAsync(held.Invoice, Scene.Ct));
                break;
            case 2:
                var ending = (PaymentEnding)random.Next(1, 5);
                var error = ending is PaymentEnding.Fails or PaymentEnding.FailsUnderWay ? Errors[random.Next(Errors.Length)] : null;
                await scene.Control.Payments.DecideAsync(ending, error, random.Next(1, 4), Scene.Ct);
                break;
            case 3:
                scene.Time.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
                break;
            case 4:
                var all = await scene.Control.Payments.ListAsync(Scene.Ct);
                if (all.Count > 0)
                {
                    var chosen = all[random.Next(all.Count)].PaymentHash.ToString();
                    await MayBeRefusedAsync(() => random.Next(2) == 0
                        ? scene.Control.Payments.SucceedAsync(chosen, random.Next(2) == 0, Scene.Ct)
                        : scene.Control.Payments.FailAsync(chosen, Errors[0], Scene.Ct));
                }

                break;
            default:
                var request = await scene.PayeeAsync(new((UInt128)random.NextInt64(1, 10_000_000_000))
                {
                    IsFarther = random.Next(2) == 0,
                    AllowsMultiPart = random.Next(2) == 0,
                });
                await scene.SendAsync(request);
                if (random.Next(4) == 0)
                {
                    await scene.Hub.SendPaymentAsync(request, Scene.Ct);
                }

                break;
        }
    }

    private static async Task<HubInvoice> InvoiceAsync(Scene scene, Random random) => Answers.Value(await scene.Hub.CreateInvoiceAsync(
        scene.NewInvoice() with { Preimage = Preimage.FromBytes(Bytes(random)), Amount = (UInt128)random.NextInt64(1, 5_000_000_000) },
        Scene.Ct));

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task MayBeRefusedAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (SandboxRefusedException)
        {
            // Whatever is refused must change nothing, too.
        }
    }

    private static void Check(List<UInt128> opened, IReadOnlyList<HubChannel> channels)
    {
        Assert.Equal(opened, channels.Select(c => c.LocalBalance + c.RemoteBalance));

        // Less than nothing would be more than there ever was.
        Assert.All(channels, c => Assert.True(c.OfferedBalance <= c.LocalBalance && c.ReceivedBalance <= c.RemoteBalance));
        Assert.All(channels.Zip(opened), c => Assert.True(c.First.LocalBalance <= c.Second && c.First.RemoteBalance <= c.Second));
    }

    private static async Task<bool> EndedAsync(Scene scene) =>
        (await scene.Control.Payments.ListAsync(Scene.Ct)).Count(p => p.Status == HubPaymentStatus.Inflight) is var inflight
        && (inflight == 0 || scene.Time.TimersWaiting == 0);

    private static async Task<UInt128> PaidInAsync(Scene scene) =>
        (await scene.Control.ListAsync(Scene.Ct)).Where(i => i.Status == HubInvoiceStatus.Paid)
            .Aggregate(UInt128.Zero, (sum, i) => sum + i.Amount);

    private static async Task<UInt128> PaidOutAsync(Scene scene) =>
        (await scene.Control.Payments.ListAsync(Scene.Ct)).Where(p => p.IsTaken)
            .Aggregate(UInt128.Zero, (sum, p) => sum + p.Amount + p.Fee);

    private static UInt128 Sum(IEnumerable<HubChannel> channels) => channels.Aggregate(UInt128.Zero, (sum, c) => sum + c.LocalBalance);
}
