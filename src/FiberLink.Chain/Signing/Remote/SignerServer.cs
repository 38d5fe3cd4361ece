using System.Net.Sockets;
using System.Runtime.Versioning;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing.Journal;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>
/// Holds a key and signs with it over a unix socket, within limits of its own. It can run in a process of its own
/// (<c>fiberlink signer run</c>) or inside of another one, for tests and the sandbox.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class SignerServer : IAsyncDisposable
{
    // How many requests are under way at once; who comes then waits at the door.
    private const int AtOnce = 16;
    private const int WaitingMax = 128;
    private const uint Root = 0;

    // After the system would not let anybody in, for want of files perhaps.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly SignerServerOptions _options;
    private readonly SignerDesk _desk;
    private readonly SignerAnswering _answering;
    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private SignerServer(SignerServerOptions options, SignerDesk desk, Socket socket, TimeProvider time)
    {
        (_options, _desk, _socket, _time) = (options, desk, socket, time);
        _answering = new(desk, options.Policy, options.Say);
        _serving = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => ServeAsync()));
    }

    /// <summary>Answers as soon as clients can connect.</summary>
    /// <param name="options">What it signs, and where it is.</param>
    /// <param name="key">The caller's to dispose of, after the server.</param>
    /// <param name="node">Where cells are looked up; null only where the options say so.</param>
    /// <param name="time">What limits and deadlines go by.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SignerStartException">A setting is wrong, the journal damaged, or the place not safe.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux: nobody can tell who connects.</exception>
    public static async Task<SignerServer> StartAsync(
        SignerServerOptions options, SigningKey key, ICkbNode? node, TimeProvider time, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("A signer runs on Linux alone.");
        }

        var cells = new InputCells(node, options.Policy.Chain);
        await CheckNodeAsync(options, cells, ct);
        var whose = new JournalLine.Opened(JournalLine.CurrentVersion, options.Policy.Chain.NodeName, key.PublicKey.ToString());
#pragma warning disable CA2000 // The desk has the journal, and the server has the desk and the socket.
        var journal = SignerJournal.Open(options.JournalPath, whose);
        var desk = new SignerDesk(key, options, journal, cells, time);
        try
        {
            var socket = SocketPlace.Listen(Path.GetFullPath(options.SocketPath), !options.AllowedUserIds.IsEmpty, WaitingMax);
#pragma warning restore CA2000
            SayHowItStarts(options, journal);
            return new SignerServer(options, desk, socket, time);
        }
        catch
        {
            desk.Dispose();
            throw;
        }
    }

    /// <summary>Takes no more requests, and lets those finish that are in the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            await _serving;
            return;
        }

        await _stop.CancelAsync();
        await _serving;

        // The system takes the socket's file away with the socket.
        _socket.Dispose();
        _desk.Dispose();
        _stop.Dispose();
    }

    private static async Task CheckNodeAsync(SignerServerOptions options, InputCells cells, CancellationToken ct)
    {
        if (cells.LooksUp == options.BelievesClients)
        {
            throw new SignerStartException(
                "node",
                options.BelievesClients
                    ? "Cells are looked up at a node, or clients are believed; not both."
                    : "It must be set: without a node to look cells up at, a client can hide a fee of any size.");
        }

        if (options.BelievesClients)
        {
            options.Say("WARNING: clients are believed what cells hold, and any of them can waste the whole wallet. For tests alone.");
        }
        else if (await cells.ChainObjectionAsync(ct) is { } objection)
        {
            // The node may come back; until then nothing is signed.
            options.Say($"WARNING: {objection} Nothing is signed until it is as it should be.");
        }
    }

    private static void SayHowItStarts(SignerServerOptions options, SignerJournal journal)
    {
        if (journal.IsNew)
        {
            options.Say($"WARNING: the journal '{options.JournalPath}' is new: nothing counts as signed before.");
        }

        if (journal.TornBytes > 0)
        {
            options.Say(FormattableString.Invariant(
                $"The journal's last line was not finished; its {journal.TornBytes} bytes were taken off. Nothing was signed by it."));
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await AcceptAsync();
                await ServeAsync(socket);
            }
        }
        catch (OperationCanceledException)
        {
            // The signer stops.
        }
    }

    private async Task<Socket> AcceptAsync()
    {
        while (true)
        {
            try
            {
                return await _socket.AcceptAsync(_stop.Token);
            }
            catch (SocketException)
            {
                await Task.Delay(PauseAfterFailure, _time, _stop.Token);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var late = new CancellationTokenSource(_options.ReadTimeMax, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, late.Token);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        try
        {
            var answer = await AnswerAsync(stream, Posix.PeerUserId(socket), late, both.Token);

            // Also while it stops: what was signed is better known.
            using var writing = new CancellationTokenSource(_options.ReadTimeMax, _time);
            await SignerLines.WriteAsync(stream, answer, SignerWireJson.Default.Answer, writing.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // The client is gone or too slow, or the signer stops: there is nobody to tell.
        }
    }

    private async Task<SignerWire.Answer> AnswerAsync(
        NetworkStream stream, uint userId, CancellationTokenSource late, CancellationToken ct)
    {
        // Whoever is root here has the key if he wants it.
        if (userId != Posix.UserId && userId != Root && !_options.AllowedUserIds.Contains(userId))
        {
            return _answering.Refuse(SigningRefusal.PeerNotAllowed, FormattableString.Invariant($"User {userId} may not ask."), userId);
        }

        var line = await SignerLines.ReadAsync(stream, SignerWire.LineBytesMax, ct);
        late.CancelAfter(_options.AnswerTimeMax);
        try
        {
            return await _answering.AnswerAsync(line, userId, ct);
        }
#pragma warning disable CA1031 // The next request is served whatever one brings about. What it was may hold anything; its kind says enough.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return _answering.Refuse(SigningRefusal.Unavailable, $"The signer failed ({e.GetType().Name}).", userId);
        }
    }
}
