using System.Text.Json.Nodes;
using FiberLink.Chain.Signing;
using FiberLink.EndToEnd.Tests.Processes;

namespace FiberLink.EndToEnd.Tests.Keys;

/// <summary>What the guide tells an operator to do, done; and not a trace of the key or the passphrase in anything that is said.</summary>
public sealed class A_signer_from_the_command_line
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_set_up_asked_and_stopped_and_gives_nothing_away()
    {
        await using var signer = await SignerProcess.PrepareAsync(150, 3, Ct, withKeystore: false);
        var said = new List<Finished>();

        string[] create = ["keystore", "create", signer.Keystore, "--passphrase-file", signer.PassphraseFile];
        Assert.Equal(0, await RunAsync([.. create, "--import", signer.KeyFile]));
        Assert.Contains(signer.PublicKey.ToString(), said[^1].Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync(create));
        Assert.Equal(0, await RunAsync("keystore", "address", signer.Keystore));
        Assert.Equal(said[0].Output, said[^1].Output);
        Assert.Equal(0, await RunAsync("keystore", "check", signer.Keystore, "--passphrase-file", signer.PassphraseFile));
        Assert.Equal(1, await RunAsync("keystore", "check", signer.Keystore, "--passphrase-file", signer.KeyFile));

        var running = await signer.StartAsync(Ct);
        var paid = signer.Leaving(0, 100);
        await signer.PayAsync(paid, Ct);
        Assert.Equal(SigningRefusal.AboveHourLimit, await signer.RefusedAsync(signer.Leaving(1, 90), Ct));

        Assert.Equal(0, await RunAsync("status", "--settings", signer.Settings, "--json"));
        var limit = JsonNode.Parse(said[^1].Output)!["limits"]![0]!;
        Assert.Equal(("15000000000", "10000000000"), ((string?)limit["perHour"], (string?)limit["usedWithinHour"]));
        var hash = paid.Transaction.Hash().ToHex();
        Assert.Equal(0, await RunAsync("forget", "--tx", hash, "--reason", "rejected", "--settings", signer.Settings));
        Assert.Equal(1, await RunAsync("forget", "--tx", hash, "--reason", "rejected", "--settings", signer.Settings));
        Assert.Equal(2, await RunAsync("forget", "--tx", "0x12", "--reason", "rejected", "--settings", signer.Settings));
        Assert.Equal(2, await RunAsync("status"));
        if (OperatingSystem.IsLinux())
        {
            const string Cores = "Max core file size";
            var cores = File.ReadLines($"/proc/{running.Id}/limits").Single(l => l.StartsWith(Cores, StringComparison.Ordinal));
            Assert.Equal(["0", "0"], cores[Cores.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        }

        await running.TerminateAsync(Ct);
        Assert.Equal(0, await running.ExitCodeAsync(Ct));
        Assert.Equal(3, await RunAsync("status", "--settings", signer.Settings));

        var all = signer.Traces + string.Concat(said);
        Assert.Contains("refused reason=above_hour_limit", all, StringComparison.Ordinal);
        Assert.DoesNotContain(signer.SecretHex, all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(SignerProcess.Passphrase, all, StringComparison.OrdinalIgnoreCase);

        async Task<int> RunAsync(params string[] arguments)
        {
            said.Add(await FiberLinkProgram.RunAsync(["signer", .. arguments], null, Ct));
            return said[^1].ExitCode;
        }
    }
}
