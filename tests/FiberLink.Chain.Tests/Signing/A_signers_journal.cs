using System.Runtime.Versioning;
using FiberLink.Chain.Signing.Remote;

namespace FiberLink.Chain.Tests.Signing;

[SupportedOSPlatform("linux")]
public sealed class A_signers_journal : IAsyncDisposable
{
    private const ulong Coin = SignerScene.Coin;

    private readonly SignerScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Has_the_line_before_there_is_a_signature()
    {
        var lengths = new List<(SignerStep Step, long Length)>();
        _scene.AtStepAsync = (step, _) =>
        {
            lengths.Add((step, new FileInfo(_scene.JournalPath).Length));
            return Task.CompletedTask;
        };
        await _scene.StartAsync(Ct);
        var empty = new FileInfo(_scene.JournalPath).Length;

        await _scene.AgreedAsync(_scene.Leaving(1, 100 * Coin), Ct);

        var written = new FileInfo(_scene.JournalPath).Length;
        Assert.True(written > empty);
        Assert.Equal(
            [
                (SignerStep.CellsSeen, empty), (SignerStep.Decided, empty),
                (SignerStep.Journaled, written), (SignerStep.SignatureMade, written),
            ],
            lengths);
    }

    [Fact]
    public async Task Whose_last_line_was_not_finished_goes_on_before_it_wherever_it_was_cut()
    {
        await TwoLinesAsync();
        var bytes = await File.ReadAllBytesAsync(_scene.JournalPath, Ct);
        var second = Array.IndexOf(bytes, (byte)'\n', Array.IndexOf(bytes, (byte)'\n') + 1) + 1;

        for (var length = second; length < bytes.Length; length += 7)
        {
            await File.WriteAllBytesAsync(_scene.JournalPath, bytes[..length], Ct);
            await _scene.StartAsync(Ct);
            Assert.Equal(100 * Coin, await _scene.UsedAsync(Ct));
            await _scene.AgreedAsync(_scene.Leaving(7, 111 * Coin), Ct);
            await _scene.RestartAsync(Ct);
            Assert.Equal(211 * Coin, await _scene.UsedAsync(Ct));
            await _scene.StopAsync();
        }

        Assert.Contains("was not finished", _scene.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_was_changed_anywhere_stops_the_start_and_is_left_as_it_is()
    {
        await TwoLinesAsync();
        var bytes = await File.ReadAllBytesAsync(_scene.JournalPath, Ct);

        for (var at = 0; at < bytes.Length - 1; at += 5)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= 1;
            await File.WriteAllBytesAsync(_scene.JournalPath, changed, Ct);
            var stopped = await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));
            Assert.StartsWith("journal: ", stopped.Message, StringComparison.Ordinal);
            Assert.Equal(changed, await File.ReadAllBytesAsync(_scene.JournalPath, Ct));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Of_which_a_line_is_missing_stops_the_start(int missing)
    {
        await TwoLinesAsync();
        var lines = await File.ReadAllLinesAsync(_scene.JournalPath, Ct);
        await File.WriteAllTextAsync(
            _scene.JournalPath, string.Concat(lines.Where((_, i) => i != missing).Select(l => l + "\n")), Ct);

        await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));
    }

    [Fact]
    public async Task Of_another_key_or_chain_stops_the_start()
    {
        await TwoLinesAsync();
        using var other = SigningKey.Generate();

        var stopped = await Assert.ThrowsAsync<SignerStartException>(
            () => SignerServer.StartAsync(_scene.Options(), other, node: null, _scene.Time, Ct));
        Assert.Contains("not this signer's", stopped.Message, StringComparison.Ordinal);
        _scene.Policy = _scene.Policy with { Chain = ChainParameters.Mainnet };
        await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));
    }

    [Fact]
    public async Task Is_one_signers_at_a_time()
    {
        await _scene.StartAsync(Ct);
        var elsewhere = _scene.Options() with { SocketPath = _scene.SocketPath + ".2" };

        var stopped = await Assert.ThrowsAsync<SignerStartException>(
            () => SignerServer.StartAsync(elsewhere, _scene.Key, node: null, _scene.Time, Ct));

        Assert.StartsWith("journal: ", stopped.Message, StringComparison.Ordinal);
        await _scene.AgreedAsync(_scene.Leaving(1, 100 * Coin), Ct);
    }

    [Fact]
    public async Task Is_its_owners_alone()
    {
        await TwoLinesAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_scene.JournalPath));

        File.SetUnixFileMode(_scene.JournalPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);

        await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));
    }

    [Fact]
    public async Task That_is_new_is_said_aloud()
    {
        await _scene.StartAsync(Ct);

        Assert.Contains("nothing counts as signed before", _scene.Log, StringComparison.Ordinal);
        await _scene.RestartAsync(Ct);
        Assert.Single(_scene.Log.Split('\n'), l => l.Contains("nothing counts", StringComparison.Ordinal));
    }

    private async Task TwoLinesAsync()
    {
        await _scene.StartAsync(Ct);
        await _scene.AgreedAsync(_scene.Leaving(1, 100 * Coin), Ct);
        await _scene.AgreedAsync(_scene.Leaving(2, 200 * Coin), Ct);
        await _scene.StopAsync();
    }
}
