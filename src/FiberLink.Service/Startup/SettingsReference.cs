using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

/// <summary>One setting, for people.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Takes">What it takes, and its limits.</param>
/// <param name="Standard">What holds when it is not set; null when it must be set.</param>
/// <param name="Meaning">What it does.</param>
public sealed record SettingDescription(string Name, string Takes, string? Standard, string Meaning);

/// <summary>Every setting there is. The page docs/reference/settings.md is written from it.</summary>
public static class SettingsReference
{
    public static IReadOnlyList<SettingDescription> All { get; } =
    [
        new(Names.Database, "a `postgresql://` URI or an Npgsql connection string", null, "PostgreSQL 15 or newer."),
        new(Names.NodeUrl, "an `http://`, `https://`, `ws://` or `wss://` address", null,
            "The Fiber node's JSON-RPC: a request for each call, or one WebSocket for all. Changes are watched over WebSocket either way."),
        new(Names.MasterKey, "32 random bytes in base64; older keys may follow behind commas", null,
            "Seals secrets and texts, and derives preimages. Better as a file."),
        new(Names.NodeToken, "a token in base64url", "none", "Sent to the node as a bearer token."),
        new(Names.NodeTokenFile, "the path of a file with the token", "none",
            "Instead of the token itself. It is read again every second, so that a new token needs no restart."),
        new(Names.NodePubkey, "66 hexadecimal digits", "any node",
            "The node's public key. While another node answers at the address, nothing is sent to it but the question who it is."),
        new(Names.NodeTimeoutSeconds, "1 to 60", "5", "Deadline of each call to the node."),
        new(Names.SettlementCallsPerSecond, "1 to 10,000", "1000",
            "How often in a second the node may be asked whether invoices are paid, by all service nodes together."),
        new(Names.Urls, "`http://` addresses separated by semicolons", "`http://127.0.0.1:8080`", "Where the service listens."),
        new(Names.Network, "`mainnet`, `testnet` or `dev`", "`testnet`",
            "The network the node must be on; invoices of another are not ours."),
        new(Names.Assets, "a JSON array of `{asset, decimals, script {codeHash, hashType, args}}`", "none", "Tokens besides CKB."),
        new(Names.HashAlgorithm, "`ckb_hash` or `sha256`", "`ckb_hash`", "How payment hashes are made."),
        new(Names.InvoiceExpirySeconds, "5 to 1,209,600", "3600", "How long a tip's invoice may be paid."),
        new(Names.RepeatWindowSeconds, "0 to 86,400", "60",
            "Within this time the same wish is the same tip, until it is paid; 0 switches it off."),
        new(Names.RateLimitEnabled, "`true` or `false`", "`true`", "Rate limits."),
        new(Names.RateLimitRequests, "1 to 1,000,000", "300",
            "Requests in a window, for each community and method; for each invoice or member where pages poll."),
        new(Names.RateLimitWindowSeconds, "1 to 3,600", "60", "The window."),
        new(Names.MessagesInFlight, "1 to 1,000", "16", "How many messages a service node handles at once."),
        new(
            Names.MessagesKeptDays,
            "1 to 365",
            "7",
            "For how many days it is remembered that a message was handled, or has expired. One that comes again after that is handled "
            + "again."),
        new(Names.StopAt, "the name of a step", "none", "For tests alone: the process kills itself at that step."),
    ];
}
