using System.Text.Json.Nodes;
using FiberLink.Sandbox.Chain;
using FiberLink.Sandbox.Channels;

namespace FiberLink.Sandbox.Wire;

/// <summary>What the node says of its channels and peers.</summary>
internal sealed class ChannelMethods(ChannelBook book, SandboxIdentity identity)
{
    private const int PeerPort = 8228;

    public RpcReply List(MethodParameters parameters)
    {
        var (pubkey, isPendingOnly) = (parameters.OptionalPubkey("pubkey"), parameters.Flag("only_pending"));
        if (isPendingOnly && parameters.Flag("include_closed"))
        {
            return new RpcReply.Error(
                RpcReply.ApplicationError,
                "only_pending and include_closed are mutually exclusive",
                parameters.Echo("pubkey", "include_closed", "only_pending"));
        }

        var withClosed = parameters.Flag("include_closed");
        var wanted = book.WithPending()
            .Where(c => IsListed(c.Channel.Opened.Stage, withClosed, isPendingOnly))
            .Where(c => pubkey is null || identity.PeerPubkey(c.Channel.Opened.Peer) == pubkey)
            .Select(c => (JsonNode)Write(c.Channel, c.Pending));
        return new RpcReply.Result(new JsonObject { ["channels"] = new JsonArray([.. wanted]) });
    }

    /// <summary>The channel's name.</summary>
    public string IdOf(SandboxChannel channel) => channel.Id ?? identity.HashOf(Name("channel", channel.Number));

    public JsonObject Peers() => new()
    {
        ["peers"] = new JsonArray([.. Enumerable.Range(0, book.Peers).Where(book.IsConnected).Select(peer => (JsonNode)new JsonObject
        {
            ["pubkey"] = identity.PeerPubkey(peer),
            ["address"] = $"/ip4/127.0.0.1/tcp/{PeerPort + peer}",
        })]),
    };

    /// <summary>How many channels there are, and how many peers that are there.</summary>
    public (int Channels, int Peers) Counts() => (book.All().Count, Enumerable.Range(0, book.Peers).Count(book.IsConnected));

    private JsonObject Write(ChannelState channel, IReadOnlyList<PendingState> pending)
    {
        var (opened, number) = (channel.Opened, channel.Opened.Number);
        return new()
        {
            ["channel_id"] = IdOf(opened),
            ["is_public"] = true,
            ["is_acceptor"] = opened.Funding is null,
            ["is_one_way"] = false,
            ["channel_outpoint"] = $"{HashOf(opened.Funding) ?? identity.HashOf(Name("funding transaction", number))}00000000",
            ["pubkey"] = identity.PeerPubkey(opened.Peer),
            ["funding_udt_type_script"] = opened.UdtScript is { } script
                ? new JsonObject { ["code_hash"] = script.CodeHash, ["hash_type"] = script.HashType, ["args"] = script.Args }
                : null,

            // It stays so while the peer is away: only its absence from the peers tells.
            ["state"] = State(opened.Stage),
            ["local_balance"] = HexQuantity.Format(channel.Local),
            ["offered_tlc_balance"] = HexQuantity.Format(channel.Offered),
            ["remote_balance"] = HexQuantity.Format(channel.Remote),
            ["received_tlc_balance"] = HexQuantity.Format(channel.Received),
            ["pending_tlcs"] = new JsonArray([.. pending.Select(p => (JsonNode)Write(p))]),
            ["latest_commitment_transaction_hash"] = identity.HashOf($"commitment {channel.Moves} of {number}"),
            ["created_at"] = HexQuantity.Format((UInt128)opened.CreatedAt),
            ["enabled"] = true,
            ["tlc_expiry_delta"] = "0xdbba00",
            ["tlc_fee_proportional_millionths"] = "0x3e8",
            ["shutdown_transaction_hash"] = opened.Stage is ChannelStage.Closed ? HashOf(opened.Closing) : null,
            ["failure_detail"] = opened.Stage is ChannelStage.Aborted ? "Funding transaction aborted" : null,
        };
    }

    // A node takes one that waits for what closes it for closed already.
    private static bool IsListed(ChannelStage stage, bool withClosed, bool isPendingOnly) => stage switch
    {
        ChannelStage.Aborted => isPendingOnly,
        ChannelStage.AwaitingReady => true,
        ChannelStage.Closing or ChannelStage.Closed => withClosed,
        _ => !isPendingOnly,
    };

    private static JsonObject State(ChannelStage stage) => stage switch
    {
        ChannelStage.AwaitingReady => State("AwaitingChannelReady", ""),
        ChannelStage.Aborted => State("Closed", "FUNDING_ABORTED"),
        ChannelStage.ShuttingDown => State("ShuttingDown", "OUR_SHUTDOWN_SENT|AWAITING_PENDING_TLCS"),
        ChannelStage.Closing => State("ShuttingDown", "WAITING_COMMITMENT_CONFIRMATION"),
        ChannelStage.Closed => State("Closed", "COOPERATIVE"),
        _ => new() { ["state_name"] = "ChannelReady" },
    };

    private static JsonObject State(string name, string flags) => new() { ["state_name"] = name, ["state_flags"] = flags };

    private static string? HashOf(string? transaction) =>
        transaction is null ? null : ChainLine.Read(transaction).Hash().ToHex();

    private static JsonObject Write(PendingState pending) => new()
    {
        ["id"] = HexQuantity.Format((UInt128)pending.Tlc.Id),
        ["amount"] = HexQuantity.Format(pending.Tlc.Amount),
        ["payment_hash"] = pending.PaymentHash.ToString(),
        ["expiry"] = HexQuantity.Format((UInt128)pending.Tlc.Expiry),
        ["forwarding_channel_id"] = null,
        ["forwarding_tlc_id"] = null,
        ["status"] = new JsonObject
        {
            [pending.IsOutbound ? "Outbound" : "Inbound"] = pending.IsRemoved ? "RemoveAckConfirmed" : "Committed",
        },
    };

    // The first has the ids that the only one once had.
    private static string Name(string what, int number) => number == 0 ? what : $"{what} {number}";
}
