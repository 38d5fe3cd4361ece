using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Wire;

/// <summary>What the node says about itself: one peer, and one channel whose balance moves towards us with every payment.</summary>
internal sealed class NodeMethods(InvoiceBook book, SandboxIdentity identity, FiberCurrency currency, DateTimeOffset startedAt)
{
    private const ulong LocalShannonAtStart = 40_100_000_000;
    private const ulong RemoteShannonAtStart = 400_000_000_000_000;
    private const string Version = "0.8.1";
    private const string SighashCodeHash = "0x9bd7e06f3ecf4be0f2fcd2188b23f1b9fcc88e5d4b65a8637b17723bbda3cce8";

    public JsonObject Info() => new()
    {
        ["version"] = Version,
        ["commit_hash"] = "sandbox",
        ["pubkey"] = identity.Pubkey,
        ["features"] = new JsonArray("GOSSIP_QUERIES_REQUIRED", "BASIC_MPP_REQUIRED", "TRAMPOLINE_ROUTING_REQUIRED"),
        ["node_name"] = "fiberlink-sandbox",
        ["addresses"] = new JsonArray(),
        ["chain_hash"] = ChainHash,
        ["open_channel_auto_accept_min_ckb_funding_amount"] = "0x2540be400",
        ["auto_accept_channel_ckb_funding_amount"] = "0x24e160300",
        ["default_funding_lock_script"] = new JsonObject
        {
            ["code_hash"] = SighashCodeHash,
            ["hash_type"] = "type",
            ["args"] = identity.HashOf("funding lock")[..42],
        },
        ["tlc_expiry_delta"] = "0xdbba00",
        ["tlc_min_value"] = "0x0",
        ["tlc_fee_proportional_millionths"] = "0x3e8",
        ["channel_count"] = "0x1",
        ["pending_channel_count"] = "0x0",
        ["peers_count"] = "0x1",
        ["udt_cfg_infos"] = new JsonArray(new JsonObject
        {
            ["name"] = "RUSD",
            ["script"] = new JsonObject
            {
                ["code_hash"] = "0x1142755a044bf2ee358cba9f2da187ce928c91cd4dc8692ded0337efa677d21a",
                ["hash_type"] = "type",
                ["args"] = "0x878fcc6f1f08d48e87bb1c3b3d5083f23f8a39c5d5c764f253b55b998526439b",
            },
            ["auto_accept_amount"] = "0x3b9aca00",
            ["cell_deps"] = new JsonArray(),
        }),
    };

    public JsonObject Channels()
    {
        // An invoice may be of any amount; a channel that ran dry here would only get in the way.
        var paid = book.ShannonPaid;
        var moved = UInt128.Min(paid, RemoteShannonAtStart);
        return new()
        {
            ["channels"] = new JsonArray(new JsonObject
            {
                ["channel_id"] = identity.HashOf("channel"),
                ["is_public"] = true,
                ["is_acceptor"] = true,
                ["is_one_way"] = false,
                ["channel_outpoint"] = $"{identity.HashOf("funding transaction")}00000000",
                ["pubkey"] = identity.PeerPubkey,
                ["funding_udt_type_script"] = null,
                ["state"] = new JsonObject { ["state_name"] = "ChannelReady" },
                ["local_balance"] = HexQuantity.Format(LocalShannonAtStart + paid),
                ["offered_tlc_balance"] = "0x0",
                ["remote_balance"] = HexQuantity.Format(RemoteShannonAtStart - moved),
                ["received_tlc_balance"] = "0x0",
                ["pending_tlcs"] = new JsonArray(),
                ["latest_commitment_transaction_hash"] = identity.HashOf($"commitment after {paid}"),
                ["created_at"] = HexQuantity.Format((UInt128)startedAt.ToUnixTimeMilliseconds()),
                ["enabled"] = true,
                ["tlc_expiry_delta"] = "0xdbba00",
                ["tlc_fee_proportional_millionths"] = "0x3e8",
                ["shutdown_transaction_hash"] = null,
                ["failure_detail"] = null,
            }),
        };
    }

    public JsonObject Peers() => new()
    {
        ["peers"] = new JsonArray(new JsonObject
        {
            ["pubkey"] = identity.PeerPubkey,
            ["address"] = "/ip4/127.0.0.1/tcp/8228",
        }),
    };

    private string ChainHash => currency switch
    {
        FiberCurrency.Fibb => FiberChain.MainnetGenesis,
        FiberCurrency.Fibt => FiberChain.TestnetGenesis,
        _ => identity.HashOf("development chain"),
    };
}
