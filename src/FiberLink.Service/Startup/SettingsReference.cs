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
        new(Names.Assets, "a JSON array of `{asset, decimals, script {codeHash, hashType, args}, chainWithdrawals? {minimum}}`", "none",
            "Tokens besides CKB. One with `chainWithdrawals` is withdrawn to addresses too, from its `minimum` on, such as `\"20\"`: the "
            + "hub pays for the room of each recipient's cell, so the minimum should be worth several times that. Without it such a "
            + "withdrawal is refused."),
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
        new(Names.CkbUrl, "an `http://` or `https://` address", "none",
            "The CKB node's JSON-RPC, with its indexer. Without it, and without a signer, withdrawals to addresses are refused."),
        new(Names.SignerSocket, "the path of a unix socket", "none", "Where the signer process listens that holds the wallet's key."),
        new(Names.SignerPubkey, "66 hexadecimal digits", "none",
            "The public key of the wallet, as `fiberlink signer status` tells it. No other key's signature is taken."),
        new(Names.PayoutRepeatWindowSeconds, "0 to 86,400", "60",
            "Within this time the same withdrawal asked for again is the same one, unless it failed or was cancelled; 0 switches it off."),
        new(Names.PayoutFeeRate, "1,000 to 1,000,000", "1000", "The least fee of a transaction, in shannon for 1,000 bytes."),
        new(Names.PayoutFeeMax, "1,000 to 1,000,000,000", "100000", "The most shannon that one transaction may cost."),
        new(Names.PayoutBumpAfterSeconds, "60 to 86,400", "600",
            "How long a transaction waits for a block before another takes its place that pays more for the same cells, up to the cap."),
        new(Names.PayoutRoutingFee, "0 to 50", "5",
            "The most that paying an invoice may cost on top, in thousandths of its amount. The member pays what it does cost."),
        new(Names.PayoutReserve, "0 to 1,000,000,000,000,000", "0",
            "Shannon that the wallet keeps beyond what withdrawals need, before one is told to wait for liquidity. No cell of a "
            + "token's is paid for out of it."),
        new(Names.PayoutTokenCapacityMax, "10,000,000,000 to 1,000,000,000,000", "16000000000",
            "The most shannon that the hub gives to a recipient of a token for the room of the cell: 142 CKB for a usual address. An "
            + "address that takes more is refused."),
        new(Names.PayoutTokenCapacityAtOnceMax, "10,000,000,000 to 1,000,000,000,000,000", "160000000000",
            "The most shannon that one transaction gives to recipients of a token. Who comes after that is in the next one."),
        new(Names.PayoutTokenCapacityDayMax, "10,000,000,000 to 1,000,000,000,000,000", "1600000000000",
            "The most shannon that all recipients of tokens together are given in 24 hours. Who comes after that waits, in order."),
        new(
            Names.PayoutConfirmations,
            "`amount:blocks` separated by commas, and the blocks of anything more",
            $"`{PayoutSettings.ConfirmationRule.Usual}`",
            "How deep a transaction lies before a withdrawal is complete, by its amount in CKB: below 100 CKB 4 blocks, and so on. Of "
            + "a token, as deep as any."),
        new(Names.PayoutFinalDepth, "24 to 10,000", "100", "How deep it lies before it is not watched any longer."),
        new(Names.TreasuryCold, "addresses separated by commas", "none",
            "The only addresses that the hot wallet is swept to. The service looks here again before it signs."),
        new(Names.TreasuryPeers, "public keys of 66 digits separated by commas", "none",
            "The only peers with which channels are opened from the hot wallet. The service looks here again before it signs."),
        new(Names.TreasuryDayMax, "`asset:amount` separated by commas", "none",
            "The most that is swept or put into channels in 24 hours, such as `CKB:50000`. What is not named does not leave."),
        new(Names.TreasuryFloor, "`asset:amount` separated by commas", "none", "Below this the hot wallet is low, and somebody is told."),
        new(Names.TreasuryTolerance, "`asset:amount` separated by commas", "none",
            "A difference between the books and what is there of no more than this is none."),
        new(Names.TreasuryLookSeconds, "5 to 3,600", "15", "The pause between two looks at the wallet and the channels."),
        new(Names.UsdRates, "a JSON array of `{name, url, path {asset: JSON pointer}}`, 1 to 4", "none",
            "Who is asked what assets are worth in US dollars, the first one foremost. https only, unless the address is this machine's. "
            + "Without it completed withdrawals are recorded without their worth."),
        new(Names.UsdStablecoins, "codes of tokens separated by commas", "none", "Tokens that are worth a dollar by agreement."),
        new(Names.UsdRefreshSeconds, "10 to 3,600", "60", "The pause between two rounds of asking."),
        new(Names.UsdRateAgeSeconds, "60 to 86,400", "86400", "How old a rate may be when a withdrawal is completed."),
        new(Names.UsdJumpPercent, "1 to 900", "50",
            "A rate that is further from the last one than so many per cent of the smaller is not used until another source confirms it."),
        new(Names.AuditOrigin, "an address without a scheme", $"`{AuditSettings.OriginDefault}`",
            "What the log is called in everything that is signed about it. It never changes: proofs made before would be of another log."),
        new(Names.AuditKey, "the path of a file", "none",
            "The key that signs checkpoints of the log, as `fiberlink audit key create` writes it. Without it the log is sealed, and not "
            + "signed."),
        new(Names.AuditKeyPassphrase, "a text of 12 characters or more", "none", "The key's passphrase. Better as a file."),
        new(Names.AuditCheckpointSeconds, "1 to 86,400", "60", "The pause between two checkpoints."),
        new(Names.StopAt, "the name of a step", "none", "For tests alone: the process kills itself at that step."),
    ];
}
