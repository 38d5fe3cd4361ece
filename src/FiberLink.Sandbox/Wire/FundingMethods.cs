using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Chain;
using FiberLink.Sandbox.Channels;

namespace FiberLink.Sandbox.Wire;

/// <summary>Channels that are opened with coins of somebody else's, and closed, in the words of FNN 0.8.</summary>
/// <param name="book">The node's channels.</param>
/// <param name="channels">Tells of them.</param>
/// <param name="identity">Who the peers are.</param>
/// <param name="chain">Null where the node has none.</param>
/// <param name="time">When is when.</param>
internal sealed class FundingMethods(
    ChannelBook book, ChannelMethods channels, SandboxIdentity identity, FundingChain? chain, TimeProvider time) : IDisposable
{
    /// <summary>How long an opening waits for its funding to be signed; the node keeps it in memory alone until then.</summary>
    public static readonly TimeSpan SigningMax = TimeSpan.FromMinutes(5);

    private static readonly string[] OpenNames =
    [
        "pubkey", "funding_amount", "public", "funding_udt_type_script", "shutdown_script", "funding_lock_script",
        "funding_lock_script_cell_deps", "commitment_delay_epoch", "commitment_fee_rate", "funding_fee_rate", "tlc_expiry_delta",
        "tlc_min_value", "tlc_fee_proportional_millionths", "max_tlc_value_in_flight", "max_tlc_number_in_flight",
    ];

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<string, Opening> _openings = new(StringComparer.Ordinal);
    private int _opened;

    public Task<RpcReply> OpenAsync(MethodParameters parameters) => InTurnAsync(async () =>
    {
        var echo = parameters.Echo(OpenNames);
        RpcReply Refuse(string text) => new RpcReply.Error(RpcReply.ApplicationError, text, echo);
        var pubkey = parameters.OptionalPubkey("pubkey") ?? throw MethodParameters.Missing("pubkey");
        var amount = parameters.Quantity("funding_amount");
        var (close, owner) = (parameters.Script("shutdown_script"), parameters.Script("funding_lock_script"));
        var feeRate = parameters.OptionalQuantity64("funding_fee_rate") ?? 1000;
        var peer = Enumerable.Range(0, book.Peers).Where(book.IsConnected).FirstOrDefault(p => identity.PeerPubkey(p) == pubkey, -1);
        if (peer < 0)
        {
            return Refuse($"Invalid parameter: Peer Pubkey({pubkey})'s feature not found, waiting for peer to send Init message");
        }

        if (amount < FundingChain.KeptBack || amount > ulong.MaxValue)
        {
            return Refuse(string.Create(
                CultureInfo.InvariantCulture,
                $"Failed to spawn actor: Actor panicked during startup 'Invalid parameter: The funding amount ({amount}) should be greater "
                + $"than or equal to {FundingChain.KeptBack}'"));
        }

        Forget();
        var id = identity.HashOf(string.Create(
            CultureInfo.InvariantCulture, $"opening {++_opened} at {time.GetUtcNow().ToUnixTimeMilliseconds()} of {book.All().Count}"));
        var taken = _openings.Values.SelectMany(o => o.Unsigned.Inputs).Select(i => i.PreviousOutput).ToHashSet();
        var (unsigned, problem) = chain is null
            ? (null, "Failed to build CKB tx: no CKB node is set up")
            : await chain.BuildAsync(id, FundingChain.ScriptOf(owner), (ulong)amount, feeRate, peer, taken);
        if (unsigned is null)
        {
            return Refuse($"Failed to build unsigned funding tx: {problem}");
        }

        _openings[id] = new(unsigned, peer, (ulong)amount - FundingChain.KeptBack, close, time.GetUtcNow());
        return new RpcReply.Result(new JsonObject
        {
            ["channel_id"] = id,
            ["unsigned_funding_tx"] = JsonNode.Parse(TransactionJson.Write(unsigned)),
        });
    });

    public Task<RpcReply> SubmitAsync(MethodParameters parameters) => InTurnAsync(async () =>
    {
        RpcReply Refuse(string text) =>
            new RpcReply.Error(RpcReply.ApplicationError, text, parameters.Echo("channel_id", "signed_funding_tx"));
        var id = parameters.Hash("channel_id").ToString();
        var signed = TransactionJson.Parse(parameters.Object("signed_funding_tx").ToJsonString())
            ?? throw new FormatException("invalid type: expected struct Transaction");
        Forget();
        if (book.All().Any(c => c.Opened.Funding is not null && channels.IdOf(c.Opened) == id))
        {
            return Refuse("Repeated processing message: Signed funding tx has already been submitted");
        }

        if (!_openings.TryGetValue(id, out var opening))
        {
            return Refuse(NotFound(id));
        }

        if (signed.Hash() != opening.Unsigned.Hash())
        {
            return Refuse(
                "Invalid parameter: Signed funding transaction raw data mismatch; only witnesses may change for external funding");
        }

        _openings.Remove(id);
        var whole = chain!.Join(signed, opening.Peer);
        book.Add(new SandboxChannel
        {
            Number = 0,
            Peer = opening.Peer,
            LocalAtStart = opening.Local,
            RemoteAtStart = 0,
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Stage = ChannelStage.AwaitingReady,
            Id = id,
            Funding = ChainLine.Write(whole),
            CloseTo = opening.CloseTo,
        });

        // The node answers before it sends, and looks at no signature.
        await LookAsync();
        return new RpcReply.Result(new JsonObject { ["channel_id"] = id, ["funding_tx_hash"] = signed.Hash().ToHex() });
    });

    public RpcReply Abandon(MethodParameters parameters)
    {
        var id = parameters.Hash("channel_id").ToString();
        RpcReply Refuse(string text) => new RpcReply.Error(RpcReply.ApplicationError, text, parameters.Echo("channel_id"));
        return _openings.Remove(id) ? new RpcReply.Plain(null)
            : Find(id) is not null
                ? Refuse(
                    $"Invalid parameter: Channel Hash256({id}) is in state ChannelReady, cannot be abandoned, please shutdown the channel "
                    + "instead")
            : Refuse(NotFound(id));
    }

    public Task<RpcReply> ShutDownAsync(MethodParameters parameters) => InTurnAsync(async () =>
    {
        RpcReply Refuse(string text) => new RpcReply.Error(
            RpcReply.ApplicationError, text, parameters.Echo("channel_id", "close_script", "fee_rate", "force"));
        var id = parameters.Hash("channel_id").ToString();
        var (close, feeRate) = (parameters.OptionalScript("close_script"), parameters.OptionalQuantity64("fee_rate") ?? 1000);
        if (parameters.Flag("force"))
        {
            return Refuse("Invalid parameter: the sandbox closes no channel by force");
        }

        if (Find(id) is not { Opened.Stage: not ChannelStage.Closed } channel || channel.Opened.UdtScript is not null || chain is null)
        {
            return Refuse(NotFound(id));
        }

        if (channel.Opened.Stage is not ChannelStage.Ready)
        {
            return Refuse(
                "Invalid state: Trying to send shutdown message while in invalid state "
                + "ShuttingDown(ShuttingDownFlags(WAITING_COMMITMENT_CONFIRMATION))");
        }

        book.Change(channel.Opened.Number, c => c with
        {
            Stage = ChannelStage.ShuttingDown,
            CloseTo = close ?? c.CloseTo ?? throw new FormatException("missing field `close_script`"),
            CloseFeeRate = feeRate,
        });
        await LookAsync();
        return new RpcReply.Plain(null);
    });

    public Task<RpcReply> ListAsync(MethodParameters parameters) => InTurnAsync(async () =>
    {
        await LookAsync();
        return channels.List(parameters);
    });

    public void Dispose() => _oneAtATime.Dispose();

    private ChannelState? Find(string id) => book.All().FirstOrDefault(c => channels.IdOf(c.Opened) == id);

    private static string NotFound(string id) => $"Channel not found error: Hash256({id})";

    private void Forget()
    {
        foreach (var (id, _) in _openings.Where(o => o.Value.At + SigningMax <= time.GetUtcNow()).ToList())
        {
            _openings.Remove(id);
        }
    }

    /// <summary>Looks how far what was sent has come, and goes on from there.</summary>
    private async Task LookAsync()
    {
        foreach (var channel in book.All().Where(_ => chain is not null))
        {
            var number = channel.Opened.Number;
            switch (channel.Opened)
            {
                case { Stage: ChannelStage.AwaitingReady, Funding: { } funding }:
                    var isFunded = await chain!.IsCommittedAsync(ChainLine.Read(funding));
                    if (isFunded is not false)
                    {
                        book.Change(number, c => c with { Stage = isFunded is true ? ChannelStage.Ready : ChannelStage.Aborted });
                    }

                    break;
                case { Stage: ChannelStage.ShuttingDown } when channel is { Offered: var offered, Received: var received }
                    && offered == 0 && received == 0 && await chain!.CloseAsync(channel, channels.IdOf(channel.Opened)) is { } closing:
                    book.Change(number, c => c with { Stage = ChannelStage.Closing, Closing = ChainLine.Write(closing) });
                    await chain.IsCommittedAsync(closing);
                    break;
                case { Stage: ChannelStage.Closing, Closing: { } sent } when await chain!.IsCommittedAsync(ChainLine.Read(sent)) is true:
                    book.Change(number, c => c with { Stage = ChannelStage.Closed });
                    break;
                default:
                    break;
            }
        }
    }

    private async Task<RpcReply> InTurnAsync(Func<Task<RpcReply>> act)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>An opening whose funding was not signed yet.</summary>
    private sealed record Opening(Transaction Unsigned, int Peer, ulong Local, HubNode.UdtScript CloseTo, DateTimeOffset At);
}
