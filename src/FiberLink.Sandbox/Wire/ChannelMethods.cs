using System.Text.Json.Nodes;
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

        // None is ever pending or closed here.
        var wanted = book.WithPending()
            .Where(c => !isPendingOnly && (pubkey is null || identity.PeerPubkey(c.Channel.Opened.Peer) == pubkey))
            .Select(c => (JsonNode)Write(c.Channel, c.Pending));
        return new RpcReply.Result(new JsonObject { ["channels"] = new JsonArray([.. wanted]) });
    }

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
            ["channel_id"] = identity.HashOf(Name("channel", number)),
            ["is_public"] = true,
            ["is_acceptor"] = true,
            ["is_one_way"] = false,
            ["channel_outpoint"] = $"{identity.HashOf(Name("funding transaction", number))}00000000",
            ["pubkey"] = identity.PeerPubkey(opened.Peer),
            ["funding_udt_type_script"] = opened.UdtScript is { } script
                ? new JsonObject { ["code_hash"] = script.CodeHash, ["hash_type"] = script.HashType, ["args"] = script.Args }
                : null,

            // It stays so while the peer is away: only its absence from the peers tells.
            ["state"] = new JsonObject { ["state_name"] = "ChannelReady" },
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
            ["shutdown_transaction_hash"] = null,
            ["failure_detail"] = null,
        };
    }

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
