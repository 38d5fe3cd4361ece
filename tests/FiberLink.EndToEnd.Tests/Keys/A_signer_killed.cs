using FiberLink.Chain.Signing;
using FiberLink.Crypto;
using FiberLink.EndToEnd.Tests.Processes;

namespace FiberLink.EndToEnd.Tests.Keys;

/// <summary>kill -9 at every step of a signature, and at any time: never is more let out than an hour may, and a retry is signed.</summary>
public sealed class A_signer_killed
{
    private const ulong Coin = SignerProcess.Coin;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("signer:CellsSeen", false)]
    [InlineData("signer:Decided", false)]
    [InlineData("signer:Journaled", true)]
    [InlineData("signer:SignatureMade", true)]
    public async Task At_a_step_has_counted_what_it_may_have_signed(string step, bool counts)
    {
        await using var signer = await SignerProcess.PrepareAsync(100, 2, Ct);
        var (transfer, other) = (signer.Leaving(0, 100), signer.Leaving(1, 100));
        var doomed = await signer.StartAsync(Ct, step);
        Assert.Equal(SigningRefusal.Unavailable, await signer.RefusedAsync(transfer, Ct));
        Assert.Equal(RunningProcess.KilledExitCode, await doomed.ExitCodeAsync(Ct));

        await signer.StartAsync(Ct);

        Assert.Equal(counts ? 100 * Coin : 0, await signer.UsedAsync(Ct));
        if (counts)
        {
            Assert.Equal(SigningRefusal.AboveHourLimit, await signer.RefusedAsync(other, Ct));
        }

        await signer.PayAsync(transfer, Ct);
        Assert.Equal(100 * Coin, await signer.UsedAsync(Ct));
        Assert.Equal(SigningRefusal.AboveHourLimit, await signer.RefusedAsync(other, Ct));
    }

    [Fact]
    public async Task Again_and_again_while_clients_ask_lets_out_no_more_than_an_hour_may()
    {
        const int Rounds = 8;
        const int AtOnce = 4;
        await using var signer = await SignerProcess.PrepareAsync(1100, (Rounds + 1) * AtOnce, Ct);
        HashSet<Bytes32> signed = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var running = await signer.StartAsync(Ct);
            Assert.InRange(await signer.UsedAsync(Ct), (UInt128)signed.Count * 90 * Coin, 1100 * Coin);
            var asked = Enumerable.Range(round * AtOnce, AtOnce).Select(i => signer.Leaving(i, 90)).ToList();
            var asking = asked.Select(t => signer.AskAsync(t, Ct)).ToList();
            if (round < Rounds)
            {
                // Sometimes before any is answered, sometimes in the midst of them.
                await Task.WhenAll(asking.Take(round % AtOnce));
                await running.KillAsync();
            }

            foreach (var (transfer, answer) in asked.Zip(await Task.WhenAll(asking)))
            {
                if (answer is SigningAnswer.Agreed)
                {
                    signed.Add(transfer.Transaction.Hash());
                }
            }
        }

        Assert.InRange(await signer.UsedAsync(Ct), (UInt128)signed.Count * 90 * Coin, 1100 * Coin);
        Assert.Equal(12 * 90 * Coin, await signer.UsedAsync(Ct));
        Assert.InRange(signed.Count, 1, 12);
    }

    [Fact]
    public async Task By_nobody_but_out_of_disk_signs_nothing_that_it_cannot_write()
    {
        await using var signer = await SignerProcess.PrepareAsync(1000, 4, Ct);
        var running = await signer.StartOnAFullDiskAsync(Ct);
        var answers = new List<SigningAnswer>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add(await signer.AskAsync(signer.Leaving(i, 90), Ct));
        }

        Assert.Equal(SigningRefusal.JournalFailed, Assert.IsType<SigningAnswer.Refused>(answers[^1]).Reason);
        Assert.Equal((UInt128)answers.OfType<SigningAnswer.Agreed>().Count() * 90 * Coin, await signer.UsedAsync(Ct));
        await running.TerminateAsync(Ct);
        Assert.Equal(0, await running.ExitCodeAsync(Ct));

        await signer.StartAsync(Ct);
        await signer.PayAsync(signer.Leaving(2, 90), Ct);
    }
}
