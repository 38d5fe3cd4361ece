using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>Opening and closing channels, as the node reads and writes it.</summary>
internal static class FundingWriting
{
    /// <summary>Why a request would be wrong at every node; null if there is nothing against it.</summary>
    public static string? Objection(ChannelOpening request) =>
        request.Amount == UInt128.Zero || request.Amount > ulong.MaxValue ? "A channel of coins has 1 to 2⁶⁴ - 1 shannon."
        : request.Peer.Length != 66 || !request.Peer.All(char.IsAsciiHexDigit) ? "A peer is named by 66 hexadecimal digits."
        : ScriptObjection(request.Owner);

    /// <inheritdoc cref="Objection(ChannelOpening)"/>
    public static string? Objection(ChannelClosing request) => ChannelObjection(request.ChannelId) ?? ScriptObjection(request.Owner);

    /// <inheritdoc cref="Objection(ChannelOpening)"/>
    public static string? ChannelObjection(string channelId) =>
        Bytes32.TryParse(channelId, out _) ? null : "A channel is named by 0x and 64 hexadecimal digits.";

    /// <inheritdoc cref="Objection(ChannelOpening)"/>
    public static string? TransactionObjection(string transaction)
    {
        try
        {
            using var read = JsonDocument.Parse(transaction);
            return read.RootElement.ValueKind == JsonValueKind.Object ? null : "A transaction is an object.";
        }
        catch (JsonException)
        {
            return "The transaction is no JSON.";
        }
    }

    public static void Write(Utf8JsonWriter json, ChannelOpening request)
    {
        json.WriteString("pubkey", request.Peer);
        json.WriteString("funding_amount", HexQuantity.Format(request.Amount));
        json.WriteBoolean("public", true);
        Write(json, "shutdown_script", request.Owner);
        Write(json, "funding_lock_script", request.Owner);
        json.WriteString("funding_fee_rate", HexQuantity.Format(request.FeeRate));
    }

    public static void Write(Utf8JsonWriter json, ChannelClosing request)
    {
        json.WriteString("channel_id", request.ChannelId);
        Write(json, "close_script", request.Owner);
        json.WriteString("fee_rate", HexQuantity.Format(request.FeeRate));
    }

    public static void Write(Utf8JsonWriter json, string channelId, string transaction)
    {
        json.WriteString("channel_id", channelId);
        json.WritePropertyName("signed_funding_tx");
        json.WriteRawValue(transaction);
    }

    public static UnsignedFunding Unsigned(JsonElement result) =>
        new(result.Hash("channel_id").ToString(), result.Member("unsigned_funding_tx", JsonValueKind.Object).GetRawText());

    public static SubmittedFunding Submitted(JsonElement result) =>
        new(result.Hash("channel_id").ToString(), result.Hash("funding_tx_hash").ToString());

    private static void Write(Utf8JsonWriter json, string name, NodeScript script)
    {
        json.WriteStartObject(name);
        json.WriteString("code_hash", script.CodeHash);
        json.WriteString("hash_type", script.HashType);
        json.WriteString("args", script.Args);
        json.WriteEndObject();
    }

    private static string? ScriptObjection(NodeScript script) =>
        !Bytes32.TryParse(script.CodeHash, out _) ? "A code hash is 0x and 64 hexadecimal digits."
        : script.HashType is not ("data" or "type" or "data1" or "data2") ? "A hash type is data, type, data1 or data2."
        : HexBytes.TryParse(script.Args, UdtScript.ArgsLengthMax, out _) ? null
        : "Arguments are 0x and hexadecimal digits.";
}
