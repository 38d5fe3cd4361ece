using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>Why a transaction isn't in the pool, in a node's numbers and words.</summary>
/// <param name="Code">Of the error.</param>
/// <param name="CodeName">What a node writes before the description.</param>
/// <param name="Type">What a node calls it where it tells of it later.</param>
/// <param name="Description">For people; some clients read it all the same.</param>
internal sealed record PoolReject(int Code, string CodeName, string Type, string Description)
{
    private const string ErrorCodes = "https://nervosnetwork.github.io/ckb-script-error-codes/by-type-hash/";

    /// <summary>As an error's text.</summary>
    public string Message => $"{CodeName}: {Description}";

    /// <summary>As get_transaction tells it.</summary>
    public string Reason => new JsonObject { ["type"] = Type, ["description"] = Description }.ToJsonString();

    /// <summary>Of a pool that keeps no record of it.</summary>
    public bool IsDuplicate => Type == "Duplicated";

    public static PoolReject Dead(OutPoint outPoint) => Resolve($"Dead({Text(outPoint)})");

    /// <summary>Also what a real node says of a cell that a block has spent: it keeps only live ones.</summary>
    public static PoolReject Unknown(OutPoint outPoint) => Resolve($"Unknown({Text(outPoint)})");

    public static PoolReject Duplicated(Bytes32 hash) => new(
        -1107, "PoolRejectedDuplicatedTransaction", "Duplicated", $"Transaction(Byte32({hash})) already exists in transaction_pool");

    public static PoolReject Malformed(string what) =>
        new(-1108, "PoolRejectedMalformedTransaction", "Malformed", $"Malformed {what} transaction");

    public static PoolReject LowFeeRate(ulong rate, UInt128 least, UInt128 fee) => new(
        -1104,
        "PoolRejectedTransactionByMinFeeRate",
        "LowFeeRate",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The min fee rate is {rate} shannons/KW, requiring a transaction fee of at least {least} shannons, ")
            + string.Create(CultureInfo.InvariantCulture, $"but the fee provided is only {fee}"));

    public static PoolReject TooLarge(int size, int limit) => new(
        -1110,
        "PoolRejectedTransactionBySizeLimit",
        "ExceededTransactionSizeLimit",
        string.Create(CultureInfo.InvariantCulture, $"Transaction size {size} exceeded maximum limit {limit}"));

    public static PoolReject Replacing(UInt128 fee, UInt128 least) => Replaced(string.Create(
        CultureInfo.InvariantCulture, $"Tx's current fee is {fee}, expect it to >= {least} to replace old txs"));

    public static PoolReject ReplacedBy(Bytes32 hash) => Replaced($"replaced by tx {hash}");

    public static PoolReject Expired(ulong milliseconds) => new(
        -1109,
        "TransactionExpired",
        "Expiry",
        string.Create(CultureInfo.InvariantCulture, $"Expiry transaction, timestamp {milliseconds}"));

    /// <summary>A rule of all transactions is broken.</summary>
    public static PoolReject Rule(string text) => Verification($"Transaction({text})");

    /// <summary>A script ended with an error.</summary>
    /// <param name="where">Such as <c>Inputs[0].Lock</c>.</param>
    /// <param name="code">The script's own number.</param>
    /// <param name="codeHash">Whose.</param>
    public static PoolReject Script(string where, int code, Bytes32 codeHash) => Verification(string.Create(
        CultureInfo.InvariantCulture,
        $"Script(TransactionScriptError {{ source: {where}, cause: ValidationFailure: see error code {code} on page ")
            + string.Create(CultureInfo.InvariantCulture, $"{ErrorCodes}{codeHash.ToHex()[2..]}.html#{code} }})"));

    /// <summary>No cell that the transaction names has the code; or the sandbox has never heard of it, and runs nothing.</summary>
    public static PoolReject NoCode(string where, Bytes32 codeHash) =>
        Verification($"Script(TransactionScriptError {{ source: {where}, cause: ScriptNotFound: code_hash: Byte32({codeHash}) }})");

    /// <summary>By a client's own wish, only outputs that wallets usually make are let through.</summary>
    public static PoolReject Outputs() => new(
        -1102,
        "PoolRejectedTransactionByOutputsValidator",
        "OutputsValidator",
        "The transaction is rejected by OutputsValidator set in params[1]: well_known_scripts_only.");

    private static PoolReject Replaced(string text) => new(-1111, "PoolRejectedRBF", "RBFRejected", $"RBF rejected: {text}");

    private static PoolReject Resolve(string text) => new(-301, "TransactionFailedToResolve", "Resolve", $"Resolve failed {text}");

    private static PoolReject Verification(string text) =>
        new(-302, "TransactionFailedToVerify", "Verification", $"Verification failed {text}");

    private static string Text(OutPoint outPoint) => $"OutPoint({ByteString(outPoint)})";

    private static string ByteString(OutPoint outPoint) => FiberLink.Chain.ByteString.From(outPoint.ToMolecule()).ToString();
}
