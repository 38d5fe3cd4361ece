using System.Net.Sockets;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>What came of asking a signer.</summary>
internal abstract record SignerReply
{
    private SignerReply()
    {
    }

    public sealed record Answered(SignerWire.Answer Answer) : SignerReply;

    /// <summary>There is no answer that can be read; the signer may have done what it was asked for.</summary>
    public sealed record None(string Detail) : SignerReply;
}

/// <summary>Asks a signer over its socket: a connection for each question.</summary>
internal sealed class SignerCalls(string socketPath, TimeSpan deadline, TimeProvider time)
{
    /// <exception cref="OperationCanceledException">The caller's own cancellation; not the deadline's.</exception>
    public async Task<SignerReply> AskAsync(SignerWire.Request request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (SignerLines.LengthOf(request, SignerWireJson.Default.Request) > SignerWire.LineBytesMax)
        {
            var tooLarge = new SignerWire.Refusal(
                SigningRefusal.TooLarge.Text(), $"The request has more than {SignerWire.LineBytesMax} bytes, and was not sent.");
            return new SignerReply.Answered(new(SignerWire.Version) { Refusal = tooLarge });
        }

        using var late = new CancellationTokenSource(deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await AskOnceAsync(request, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new SignerReply.None($"The signer did not answer within {deadline.TotalSeconds:0.#} seconds.");
        }
        catch (SocketException e)
        {
            return new SignerReply.None($"The signer at '{socketPath}' cannot be reached: {e.Message}");
        }
        catch (IOException e)
        {
            return new SignerReply.None($"The signer's connection ended: {e.Message}");
        }
    }

    private async Task<SignerReply> AskOnceAsync(SignerWire.Request request, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), ct);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        try
        {
            await SignerLines.WriteAsync(stream, request, SignerWireJson.Default.Request, ct);
        }
        catch (IOException)
        {
            // Whoever is refused at the door is answered before anything is read.
        }

        return await SignerLines.ReadAsync(stream, SignerWire.LineBytesMax, ct) is { } line
            && SignerLines.Parse(line.Span, SignerWireJson.Default.Answer) is { Version: SignerWire.Version } answer
                ? new SignerReply.Answered(answer)
                : new SignerReply.None("The signer ended the connection, or answered with something that is no answer.");
    }
}
