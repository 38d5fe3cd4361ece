using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Node;

/// <summary>
/// The JSON of CKB's nodes. Reading is strict: each member is there and has its form, or a <see cref="FormatException"/> says which
/// isn't; it never leaves this library.
/// </summary>
internal static class CkbJson
{
    // There are no such blocks. What is stored as a number of JSON must be read as what it says, by whoever reads it.
    private const ulong BlockNumberMax = (1UL << 53) - 1;

    private static readonly UInt128 TimeMax = (UInt128)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static JsonObject Of(Transaction transaction) => new JsonObject
    {
        ["version"] = HexQuantity.Format(transaction.Version),
        ["cell_deps"] = Array(transaction.CellDeps, d => new JsonObject
        {
            ["out_point"] = Of(d.OutPoint),
            ["dep_type"] = d.DepType == CellDepType.DepGroup ? "dep_group" : "code",
        }),
        ["header_deps"] = Array(transaction.HeaderDeps, h => h.ToHex()),
        ["inputs"] = Array(transaction.Inputs, i => new JsonObject
        {
            ["previous_output"] = Of(i.PreviousOutput),
            ["since"] = HexQuantity.Format(i.Since),
        }),
        ["outputs"] = Array(transaction.Outputs, Of),
        ["outputs_data"] = Array(transaction.OutputsData, d => d.ToString()),
        ["witnesses"] = Array(transaction.Witnesses, w => w.ToString()),
    };

    public static JsonObject Of(CellOutput output) => new()
    {
        ["capacity"] = HexQuantity.Format(output.Capacity),
        ["lock"] = Of(output.Lock),
        ["type"] = output.Type is null ? null : Of(output.Type),
    };

    public static JsonObject Of(OutPoint outPoint) => new()
    {
        ["tx_hash"] = outPoint.TransactionHash.ToHex(),
        ["index"] = HexQuantity.Format(outPoint.Index),
    };

    public static JsonObject Of(Script script) => new()
    {
        ["code_hash"] = script.CodeHash.ToHex(),
        ["hash_type"] = ScriptHashTypes.NameOf(script.HashType),
        ["args"] = script.Args.ToString(),
    };

    public static BlockHeader ReadHeader(JsonElement header)
    {
        var milliseconds = ReadQuantity(header.Member("timestamp"), (ulong)TimeMax);
        return new(
            ReadQuantity(header.Member("number"), ulong.MaxValue),
            ReadHash(header.Member("hash")),
            ReadHash(header.Member("parent_hash")),
            DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds));
    }

    public static CellPage ReadPage(JsonElement page) =>
        new([.. page.Member("objects").EnumerateArray().Select(ReadCell)], page.Member("last_cursor").GetString() ?? "");

    public static CellState ReadCellState(JsonElement cell) => cell.Member("status").GetString() switch
    {
        "live" => CellState.Live,
        "dead" => CellState.Dead,
        "unknown" => CellState.Unknown,
        var other => throw new FormatException($"A cell's status is '{other}', which is unknown."),
    };

    /// <summary>Older nodes answer with null for what they don't know.</summary>
    public static TransactionState ReadState(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Null)
        {
            return new TransactionState.Unknown();
        }

        var status = answer.Member("tx_status");
        return status.Member("status").GetString() switch
        {
            "pending" => new TransactionState.Pending(),
            "proposed" => new TransactionState.Proposed(),
            "committed" => new TransactionState.Committed(
                status.Optional("block_number") is { } number
                    ? ReadQuantity(number, BlockNumberMax)
                    : throw new FormatException("The node doesn't say in which block a transaction is; it is older than 0.110."),
                ReadHash(status.Member("block_hash"))),
            "rejected" => new TransactionState.Rejected(status.Optional("reason")?.GetString() ?? ""),
            "unknown" => new TransactionState.Unknown(),
            var other => throw new FormatException($"A transaction's status is '{other}', which is unknown."),
        };
    }

    public static ulong ReadQuantity(JsonElement value, ulong most = ulong.MaxValue) =>
        HexQuantity.TryParse(value.GetString(), out var quantity) && quantity <= most
            ? (ulong)quantity
            : throw new FormatException("A number is not a hexadecimal quantity, or too large.");

    public static Bytes32 ReadHash(JsonElement value) => Bytes32.Parse(value.GetString() ?? "");

    public static OutPoint ReadOutPoint(JsonElement outPoint) =>
        new(ReadHash(outPoint.Member("tx_hash")), (uint)ReadQuantity(outPoint.Member("index"), uint.MaxValue));

    public static Script ReadScript(JsonElement script) => new(
        ReadHash(script.Member("code_hash")),
        ScriptHashTypes.Find(script.Member("hash_type").GetString())
            ?? throw new FormatException($"A script's hash type is '{script.Member("hash_type")}', which is unknown."),
        ByteString.Parse(script.Member("args").GetString() ?? ""));

    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member)
            ? member
            : throw new FormatException($"The answer has no '{name}'.");

    public static JsonElement? Optional(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>A cell as <c>get_live_cell</c> tells of it: without its name.</summary>
    public static Cell ReadLiveCell(OutPoint name, JsonElement cell) => new(
        name, ReadOutput(cell.Member("output")), ByteString.Parse(cell.Member("data").Member("content").GetString() ?? ""));

    private static Cell ReadCell(JsonElement cell) => new(
        ReadOutPoint(cell.Member("out_point")),
        ReadOutput(cell.Member("output")),
        ByteString.Parse(cell.Member("output_data").GetString() ?? ""));

    private static CellOutput ReadOutput(JsonElement output) => new(
        ReadQuantity(output.Member("capacity")),
        ReadScript(output.Member("lock")),
        output.Optional("type") is { } type ? ReadScript(type) : null);

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => [.. items.Select(write)];
}
