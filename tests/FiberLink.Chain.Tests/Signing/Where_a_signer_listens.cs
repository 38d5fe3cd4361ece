using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Testing;

namespace FiberLink.Chain.Tests.Signing;

[SupportedOSPlatform("linux")]
public sealed class Where_a_signer_listens : IAsyncDisposable
{
    private const ulong Coin = SignerScene.Coin;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    private static readonly string Forget =
        $$$"""{"version":1,"ask":"forget","forget":{"transaction":"{{{new RandomChain(4).Hash()}}}","reason":"rejected"}}""";

    private readonly SignerScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Folder => Path.GetDirectoryName(_scene.SocketPath)!;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Only_its_own_user_gets_near()
    {
        await _scene.StartAsync(Ct);

        Assert.Equal(OwnersFile, File.GetUnixFileMode(_scene.SocketPath));
        Assert.Equal(OwnersFolder, File.GetUnixFileMode(Folder));
        await _scene.StopAsync();
        Assert.False(File.Exists(_scene.SocketPath));
    }

    [Theory]
    [InlineData(UnixFileMode.OtherExecute)]
    [InlineData(UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.GroupWrite)]
    public async Task A_folder_that_others_may_use_stops_the_start(UnixFileMode more)
    {
        Directory.CreateDirectory(Folder, OwnersFolder);
        File.SetUnixFileMode(Folder, OwnersFolder | more);

        var stopped = await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));

        Assert.StartsWith("socket: ", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_signer_left_behind_is_taken_away_and_nothing_else_is()
    {
        Directory.CreateDirectory(Folder, OwnersFolder);
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(_scene.SocketPath));
            killed.Listen();
            var inUse = await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));
            Assert.Contains("already", inUse.Message, StringComparison.Ordinal);
            File.Move(_scene.SocketPath, _scene.SocketPath + ".kept");
        }

        File.Move(_scene.SocketPath + ".kept", _scene.SocketPath);
        await _scene.StartAsync(Ct);
        await _scene.AgreedAsync(_scene.Leaving(1, 100 * Coin), Ct);
        await _scene.StopAsync();

        await File.WriteAllTextAsync(_scene.SocketPath, "a file of somebody's", Ct);
        await Assert.ThrowsAsync<SignerStartException>(() => _scene.StartAsync(Ct));
        Assert.Equal("a file of somebody's", await File.ReadAllTextAsync(_scene.SocketPath, Ct));
    }

    [Fact]
    public async Task A_path_that_no_socket_can_have_is_named()
    {
        var options = _scene.Options() with { SocketPath = Path.Combine(Folder, new string('x', 108)) };

        var stopped = await Assert.ThrowsAsync<SignerStartException>(
            () => SignerServer.StartAsync(options, _scene.Key, node: null, _scene.Time, Ct));

        Assert.StartsWith("socket: ", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_user_is_refused_until_the_settings_name_it()
    {
        const uint Nobody = 65534;
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can come as another user.");
        Directory.CreateDirectory(Folder, OwnersFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        File.SetUnixFileMode(Path.GetDirectoryName(Folder)!, OwnersFolder | UnixFileMode.GroupExecute);
        await using (await SignerServer.StartAsync(
            _scene.Options() with { AllowedUserIds = [Nobody - 1] }, _scene.Key, node: null, _scene.Time, Ct))
        {
            Assert.Equal(OwnersFile | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(_scene.SocketPath));
            Assert.Contains("\"peer_not_allowed\"", await AskAsAsync(Nobody), StringComparison.Ordinal);
            Assert.Contains("\"status\"", await AskAsAsync(Nobody - 1), StringComparison.Ordinal);
            Assert.Contains("\"peer_not_allowed\"", await AskAsAsync(Nobody - 1, Forget), StringComparison.Ordinal);
            Assert.Contains("\"forgotten\"", await AskAsAsync(0, Forget), StringComparison.Ordinal);
        }

        Assert.Contains($"user={Nobody}", _scene.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "bad_request")]
    [InlineData("null", "bad_request")]
    [InlineData("[]", "bad_request")]
    [InlineData("not json", "bad_request")]
    [InlineData("""{"version":1}""", "bad_request")]
    [InlineData("""{"version":2,"ask":"status"}""", "unknown_version")]
    [InlineData("""{"version":1,"ask":"key"}""", "bad_request")]
    [InlineData("""{"version":1,"ask":"sign"}""", "bad_request")]
    [InlineData("""{"version":1,"ask":"status","also":1}""", "bad_request")]
    [InlineData("""{"version":1,"ask":"status","ask":"sign"}""", "bad_request")]
    [InlineData("""{"version":1,"ask":"sign","sign":{"network":"ckb","transaction":"0x","cells":[],"digest":"0x00"}}""", "bad_request")]
    public async Task What_cannot_be_read_is_refused_by_name(string line, string expected)
    {
        await _scene.StartAsync(Ct);

        Assert.Contains($"\"{expected}\"", await AskAsync(line + "\n"), StringComparison.Ordinal);
        await _scene.AgreedAsync(_scene.Leaving(1, 100 * Coin), Ct);
    }

    [Fact]
    public async Task A_line_without_an_end_is_read_up_to_a_limit_and_for_a_time()
    {
        await _scene.StartAsync(Ct);

        Assert.Contains("\"too_large\"", await AskAsync(new string(' ', SignerWire.LineBytesMax + 1)), StringComparison.Ordinal);

        using var socket = await ConnectAsync();
        await socket.SendAsync("""{"version":1,"""u8.ToArray(), Ct);
        await Eventually.HoldsAsync("the signer waits for the rest", () => _scene.Time.TimerCount > 0, Ct);
        _scene.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await IsClosedAsync(socket));
    }

    [Fact]
    public async Task Whoever_goes_away_or_says_nothing_keeps_nobody_waiting()
    {
        await _scene.StartAsync(Ct);
        List<Socket> silent = [];
        for (var i = 0; i < 15; i++)
        {
            silent.Add(await ConnectAsync());
        }

        await _scene.AgreedAsync(_scene.Leaving(1, 100 * Coin), Ct);
        silent.ForEach(s => s.Dispose());
        await _scene.AgreedAsync(_scene.Leaving(2, 100 * Coin), Ct);
    }

    [Fact]
    public async Task A_signer_that_is_not_there_or_holds_another_key_is_told_as_a_value()
    {
        var transfer = _scene.Leaving(1, 100 * Coin);
        Assert.Equal(SigningRefusal.Unavailable, (await _scene.RefusedAsync(transfer, Ct)).Reason);

        await _scene.StartAsync(Ct);
        using var other = SigningKey.Generate();
        var client = new RemoteSigner(
            new() { SocketPath = _scene.SocketPath, PublicKey = other.PublicKey }, SignerScene.Chain, TimeProvider.System);
        var answer = await client.SignAsync(new(SignerScene.DigestOf(transfer.Transaction), transfer), Ct);
        Assert.Equal(SigningRefusal.OtherKey, Assert.IsType<SigningAnswer.Refused>(answer).Reason);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SignAsync(new(default, transfer), new(canceled: true)));
    }

    [Fact]
    public async Task A_signer_that_stops_answers_what_is_in_its_journal()
    {
        var (isWritten, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _scene.AtStepAsync = (step, _) =>
        {
            if (step != SignerStep.Journaled)
            {
                return Task.CompletedTask;
            }

            isWritten.SetResult();
            return mayGoOn.Task;
        };
        await _scene.StartAsync(Ct);
        var transfer = _scene.Leaving(1, 100 * Coin);
        var asking = _scene.AskAsync(transfer, Ct);
        await isWritten.Task.WaitAsync(Ct);

        var stopping = _scene.StopAsync();
        mayGoOn.SetResult();

        _scene.AssertSigned(transfer.Transaction, await asking);
        await stopping;
    }

    private async Task<string> AskAsync(string text)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), Ct);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Ct);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_scene.SocketPath), Ct);
        return socket;
    }

    /// <summary>Asks from a program that has become another user. A thread of ours could, but those that it starts would stay so.</summary>
    private async Task<string> AskAsAsync(uint userId, string line = """{"version":1,"ask":"status"}""")
    {
        const string Program =
            """
            use IO::Socket::UNIX;
            $SIG{PIPE} = "IGNORE";
            $< = $> = $ARGV[0];
            my $signer = IO::Socket::UNIX->new(Peer => $ARGV[1]) or die $!;
            print $signer "$ARGV[2]\n";
            $signer->flush;
            print scalar <$signer>;
            """;
        string[] arguments = ["-e", Program, userId.ToString(CultureInfo.InvariantCulture), _scene.SocketPath, line];
        using var perl = Process.Start(new ProcessStartInfo("perl", arguments) { RedirectStandardOutput = true })!;
        var answer = await perl.StandardOutput.ReadToEndAsync(Ct);
        await perl.WaitForExitAsync(Ct);
        Assert.Equal(0, perl.ExitCode);
        return answer;
    }

    // Where something was sent that nobody has read, the other side's end is told as an error.
    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], Ct) == 0;
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset)
        {
            return true;
        }
    }
}
