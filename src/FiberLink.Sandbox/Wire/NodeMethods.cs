using System.Text.Json.Nodes;
using FiberLink.HubNode;

namespace FiberLink.Sandbox.Wire;

/// <summary>What the node says about itself.</summary>
internal sealed class NodeMethods(ChannelMethods channels, SandboxIdentity identity, FiberCurrency currency)
{
    private const string Version = "0.8.1";
    private const string SighashCodeHash = "0x9bd7e06f3ecf4be0f2fcd2188b23f1b9fcc88e5d4b65a8637b17723bbda3cce8";

    public JsonObject Info()
    {
        var (count, peers) = channels.Counts();
        return Info(count, peers);
    }

    private JsonObject Info(int channelCount, int peers) => new()
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
        ["channel_count"] = HexQuantity.Format((UInt128)channelCount),
        ["pending_channel_count"] = "0x0",
        ["peers_count"] = HexQuantity.Format((UInt128)peers),
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

    private string ChainHash => currency switch
    {
        FiberCurrency.Fibb => FiberChain.MainnetGenesis,
        FiberCurrency.Fibt => FiberChain.TestnetGenesis,
        _ => identity.HashOf("development chain"),
    };
}
