using FiberLink.Domain.Money;
using FiberLink.Events.Tips;
using FiberLink.HubNode;

namespace FiberLink.Service.Startup;

/// <summary>Everything that can be set about the service, by environment variables of these <see cref="Names"/>.</summary>
public sealed record ServiceSettings
{
    /// <summary>The variables' names.</summary>
    public static class Names
    {
        public const string Database = "FIBERLINK_DATABASE";
        public const string NodeUrl = "FIBERLINK_NODE_URL";
        public const string NodeToken = "FIBERLINK_NODE_TOKEN";
        public const string NodeTokenFile = "FIBERLINK_NODE_TOKEN_FILE";
        public const string NodePubkey = "FIBERLINK_NODE_PUBKEY";
        public const string NodeTimeoutSeconds = "FIBERLINK_NODE_TIMEOUT_SECONDS";
        public const string SettlementCallsPerSecond = "FIBERLINK_SETTLEMENT_CALLS_PER_SECOND";
        public const string Urls = "FIBERLINK_URLS";
        public const string MasterKey = "FIBERLINK_MASTER_KEY";
        public const string Network = "FIBERLINK_NETWORK";
        public const string Assets = "FIBERLINK_ASSETS";
        public const string HashAlgorithm = "FIBERLINK_HASH_ALGORITHM";
        public const string InvoiceExpirySeconds = "FIBERLINK_INVOICE_EXPIRY_SECONDS";
        public const string RepeatWindowSeconds = "FIBERLINK_TIP_REPEAT_WINDOW_SECONDS";
        public const string RateLimitEnabled = "FIBERLINK_RATE_LIMIT_ENABLED";
        public const string RateLimitRequests = "FIBERLINK_RATE_LIMIT_REQUESTS";
        public const string RateLimitWindowSeconds = "FIBERLINK_RATE_LIMIT_WINDOW_SECONDS";
        public const string MessagesInFlight = "FIBERLINK_MESSAGES_IN_FLIGHT";
        public const string MessagesKeptDays = "FIBERLINK_MESSAGES_KEPT_DAYS";
        public const string CkbUrl = "FIBERLINK_CKB_URL";
        public const string SignerSocket = "FIBERLINK_SIGNER_SOCKET";
        public const string SignerPubkey = "FIBERLINK_SIGNER_PUBKEY";
        public const string PayoutRepeatWindowSeconds = "FIBERLINK_WITHDRAWAL_REPEAT_WINDOW_SECONDS";
        public const string PayoutFeeRate = "FIBERLINK_WITHDRAWAL_FEE_RATE";
        public const string PayoutFeeMax = "FIBERLINK_WITHDRAWAL_FEE_MAX";
        public const string PayoutRoutingFee = "FIBERLINK_WITHDRAWAL_ROUTING_FEE";
        public const string PayoutReserve = "FIBERLINK_WITHDRAWAL_RESERVE";
        public const string PayoutTokenCapacityMax = "FIBERLINK_WITHDRAWAL_TOKEN_CAPACITY_MAX";
        public const string PayoutTokenCapacityAtOnceMax = "FIBERLINK_WITHDRAWAL_TOKEN_CAPACITY_AT_ONCE_MAX";
        public const string PayoutTokenCapacityDayMax = "FIBERLINK_WITHDRAWAL_TOKEN_CAPACITY_DAY_MAX";
        public const string PayoutConfirmations = "FIBERLINK_WITHDRAWAL_CONFIRMATIONS";
        public const string PayoutBumpAfterSeconds = "FIBERLINK_WITHDRAWAL_BUMP_AFTER_SECONDS";
        public const string PayoutFinalDepth = "FIBERLINK_WITHDRAWAL_FINAL_DEPTH";
        public const string TreasuryCold = "FIBERLINK_TREASURY_COLD";
        public const string TreasuryPeers = "FIBERLINK_TREASURY_PEERS";
        public const string TreasuryDayMax = "FIBERLINK_TREASURY_DAY_MAX";
        public const string TreasuryFloor = "FIBERLINK_TREASURY_FLOOR";
        public const string TreasuryTolerance = "FIBERLINK_TREASURY_TOLERANCE";
        public const string TreasuryLookSeconds = "FIBERLINK_TREASURY_LOOK_SECONDS";
        public const string UsdRates = "FIBERLINK_USD_RATES";
        public const string UsdStablecoins = "FIBERLINK_USD_STABLECOINS";
        public const string UsdRefreshSeconds = "FIBERLINK_USD_REFRESH_SECONDS";
        public const string UsdRateAgeSeconds = "FIBERLINK_USD_RATE_AGE_SECONDS";
        public const string UsdJumpPercent = "FIBERLINK_USD_JUMP_PERCENT";
        public const string AuditOrigin = "FIBERLINK_AUDIT_ORIGIN";
        public const string AuditKey = "FIBERLINK_AUDIT_KEY";
        public const string AuditKeyPassphrase = "FIBERLINK_AUDIT_KEY_PASSPHRASE";
        public const string AuditCheckpointSeconds = "FIBERLINK_AUDIT_CHECKPOINT_SECONDS";
        public const string StopAt = "FIBERLINK_TEST_STOP_AT";
    }

    /// <summary>PostgreSQL 15 or newer: an Npgsql connection string.</summary>
    public required string Database { get; init; }

    /// <summary>The Fiber node's JSON-RPC, over HTTP or WebSocket.</summary>
    public required Uri NodeUrl { get; init; }

    /// <summary>The node's bearer token; null when it asks for none, or when it is in a file. Never logged.</summary>
    public string? NodeToken { get; init; }

    /// <summary>The file that holds the node's bearer token, and may change while we run; null when none does.</summary>
    public string? NodeTokenFile { get; init; }

    /// <summary>The public key that the node must have; null takes any.</summary>
    public string? NodePubkey { get; init; }

    /// <summary>Deadline of each call to the node.</summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often in a second the node may be asked whether invoices are paid, by all service nodes together.</summary>
    public int SettlementCallsPerSecond { get; init; } = 1_000;

    /// <summary>Where the service listens; several separated by semicolons.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>32 bytes each, newest first. Never logged.</summary>
    public required IReadOnlyList<byte[]> MasterKeys { get; init; }

    /// <summary>The network that the node must be on.</summary>
    public FiberCurrency Network { get; init; } = FiberCurrency.Fibt;

    /// <summary>The tokens besides CKB.</summary>
    public IReadOnlyList<AssetDefinition> Tokens { get; init; } = [];

    /// <summary>How payment hashes are made.</summary>
    public HashAlgorithm HashAlgorithm { get; init; } = HashAlgorithm.CkbHash;

    /// <summary>How long a tip's invoice may be paid.</summary>
    public TimeSpan InvoiceExpiry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Within this time the same wish of the same sender is the same tip, until it is paid.</summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>False switches rate limits off.</summary>
    public bool RateLimitEnabled { get; init; } = true;

    /// <summary>Requests in a window, for each bucket.</summary>
    public int RateLimitRequests { get; init; } = 300;

    public TimeSpan RateLimitWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many messages a service node handles at once.</summary>
    public int MessagesInFlight { get; init; } = 16;

    /// <summary>How long it is remembered that a message was handled: one that comes again after that is handled again.</summary>
    public TimeSpan MessagesKept { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How withdrawals are paid.</summary>
    public PayoutSettings Payouts { get; init; } = new();

    /// <summary>How the hub's own money is watched and moved.</summary>
    public TreasurySettings Treasury { get; init; } = new();

    /// <summary>How amounts are worth dollars.</summary>
    public UsdSettings Usd { get; init; } = new();

    /// <summary>How the log is sealed.</summary>
    public AuditSettings Audit { get; init; } = new();

    /// <summary>For tests alone: the step at which the process kills itself; null in every other run.</summary>
    public string? StopAt { get; init; }
}
