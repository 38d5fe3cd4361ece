using System.Text.Json;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>What a node says of itself, its channels and its peers. Versions before 0.8 name some of it otherwise.</summary>
internal static class InfoReading
{
    private const int PubkeyDigits = 66;
    private const int HashLetters = 66;
    private const int NameLettersMax = 200;

    public static NodeInfo Info(JsonElement result)
    {
        var chainHash = result.Hash("chain_hash").ToString();
        return new(
            result.Text("version"),
            result.Text("commit_hash"),
            Pubkey(result.OptionalText("pubkey") ?? result.Text("node_id")),
            result.OptionalText("node_name"),
            chainHash,
            FiberChain.CurrencyOf(chainHash),
            result.Count("channel_count"),
            result.Count("pending_channel_count"),
            result.Count("peers_count"),
            result.OptionalMember("addresses", JsonValueKind.Array) is { } addresses ? [.. addresses.EnumerateArray().Select(Text)] : [],
            [.. result.Member("udt_cfg_infos", JsonValueKind.Array).EnumerateArray().Select(Token)]);
    }

    public static IReadOnlyList<HubChannel> Channels(JsonElement result) =>
        [.. result.Member("channels", JsonValueKind.Array).EnumerateArray().Select(Channel)];

    public static IReadOnlyList<HubPeer> Peers(JsonElement result) =>
        [.. result.Member("peers", JsonValueKind.Array).EnumerateArray().Select(p => new HubPeer(Peer(p), p.Text("address")))];

    /// <summary>66 lower-case digits; <c>0x</c> before them may be there.</summary>
    public static string Pubkey(string text)
    {
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length == PubkeyDigits && digits.All(char.IsAsciiHexDigit)
            ? string.Create(PubkeyDigits, digits, static (letters, from) => from.AsSpan().ToLowerInvariant(letters))
            : throw new FormatException("'pubkey' is not 66 hexadecimal digits.");
    }

    private static NodeToken Token(JsonElement token)
    {
        var script = token.Member("script", JsonValueKind.Object);
        return new(token.Text("name"), script.Text("code_hash"), script.Text("hash_type"), script.Text("args"));
    }

    private static HubChannel Channel(JsonElement channel)
    {
        var standing = channel.Member("state", JsonValueKind.Object);
        var state = standing.Text("state_name");
        return new(
            channel.Text("channel_id"),
            Peer(channel),
            channel.OptionalMember("funding_udt_type_script", JsonValueKind.Object) is { } script ? Script(script) : null,
            Stage(state),
            NodeText.Shorten(state),
            OptionalFlag(channel, "is_public", otherwise: true),
            OptionalFlag(channel, "enabled", otherwise: true),
            channel.Quantity("local_balance"),
            channel.Quantity("offered_tlc_balance"),
            channel.Quantity("remote_balance"),
            channel.Quantity("received_tlc_balance"),
            channel.OptionalMember("pending_tlcs", JsonValueKind.Array) is { } pending ? [.. pending.EnumerateArray().Select(Pending)] : [],
            channel.Time("created_at"),
            channel.OptionalText("failure_detail") is { } failure ? NodeText.Shorten(failure) : null)
        {
            StateFlags = NodeText.Shorten(Flags(standing)),

            // A transaction's hash, and behind it the number of the output.
            FundingTransaction = channel.OptionalText("channel_outpoint") is { Length: > HashLetters } place ? place[..HashLetters] : null,
            ClosingTransaction = channel.OptionalText("shutdown_transaction_hash") is not null
                ? channel.Hash("shutdown_transaction_hash").ToString()
                : null,
        };
    }

    private static PendingTlc Pending(JsonElement tlc)
    {
        var status = tlc.Member("status", JsonValueKind.Object);
        return new(
            tlc.Hash("payment_hash"),
            tlc.Quantity("amount"),
            tlc.Time("expiry"),
            status.TryGetProperty("Outbound", out _),
            status.EnumerateObject().Any(s => s.Value.ValueKind is JsonValueKind.String && s.Value.ValueEquals("RemoveAckConfirmed")));
    }

    /// <summary>Since 0.8 the public key; before that a peer id, which is made from it and can't be turned back.</summary>
    private static string Peer(JsonElement parent) =>
        parent.OptionalText("pubkey") is { } pubkey ? Pubkey(pubkey) : Short(parent.OptionalText("peer_id") ?? parent.Text("node_id"));

    private static UdtScript Script(JsonElement script)
    {
        try
        {
            return new(script.Text("code_hash"), script.Text("hash_type"), script.Text("args"));
        }
        catch (ArgumentException e)
        {
            throw new FormatException("'funding_udt_type_script' is not a script.", e);
        }
    }

    // Nodes before 0.8 write them as a list, or leave them out.
    private static string Flags(JsonElement standing) =>
        !standing.TryGetProperty("state_flags", out var flags) ? ""
        : flags.ValueKind is JsonValueKind.String ? flags.GetString()!
        : flags.ValueKind is JsonValueKind.Array
            ? string.Join('|', flags.EnumerateArray().Where(f => f.ValueKind is JsonValueKind.String).Select(f => f.GetString()))
        : "";

    // 0.8 writes ChannelReady, older versions CHANNEL_READY.
    private static HubChannelStage Stage(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        "NEGOTIATINGFUNDING" or "AWAITINGEXTERNALFUNDING" or "COLLABORATINGFUNDINGTX" or "SIGNINGCOMMITMENT" or "AWAITINGTXSIGNATURES"
            or "AWAITINGCHANNELREADY" => HubChannelStage.Opening,
        "CHANNELREADY" => HubChannelStage.Ready,
        "SHUTTINGDOWN" => HubChannelStage.ShuttingDown,
        "CLOSED" => HubChannelStage.Closed,
        _ => HubChannelStage.Other,
    };

    private static bool OptionalFlag(JsonElement parent, string name, bool otherwise) =>
        parent.TryGetProperty(name, out _) ? parent.Flag(name) : otherwise;

    private static string Text(JsonElement item) =>
        item.ValueKind == JsonValueKind.String ? Short(item.GetString()!) : throw new FormatException("An address is not text.");

    private static string Short(string text) =>
        text.Length <= NameLettersMax ? text : throw new FormatException($"A name has more than {NameLettersMax} letters.");
}
