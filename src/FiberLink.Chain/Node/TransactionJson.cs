using System.Text.Json;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Node;

/// <summary>Transactions as CKB's JSON has them: what comes from a Fiber node, and goes to one.</summary>
public static class TransactionJson
{
    private const int DepthMax = 16;

    /// <summary>Null for anything that is not exactly one transaction; members that are not CKB's are passed over.</summary>
    public static Transaction? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(
                json, new JsonDocumentOptions { MaxDepth = DepthMax, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    public static string Write(Transaction transaction) => CkbJson.Of(transaction).ToJsonString();

    /// <exception cref="FormatException">A member is missing, or has not its form.</exception>
    internal static Transaction Read(JsonElement json) => new()
    {
        Version = (uint)CkbJson.ReadQuantity(json.Member("version"), uint.MaxValue),
        CellDeps =
        [
            .. json.Member("cell_deps").EnumerateArray().Select(d => new CellDep(
                CkbJson.ReadOutPoint(d.Member("out_point")),
                d.Member("dep_type").GetString() switch
                {
                    "code" => CellDepType.Code,
                    "dep_group" => CellDepType.DepGroup,
                    var other => throw new FormatException($"unknown variant `{other}`, expected `code` or `dep_group`"),
                })),
        ],
        HeaderDeps = [.. json.Member("header_deps").EnumerateArray().Select(CkbJson.ReadHash)],
        Inputs =
        [
            .. json.Member("inputs").EnumerateArray().Select(i =>
                new CellInput(CkbJson.ReadOutPoint(i.Member("previous_output")), CkbJson.ReadQuantity(i.Member("since")))),
        ],
        Outputs =
        [
            .. json.Member("outputs").EnumerateArray().Select(o => new CellOutput(
                CkbJson.ReadQuantity(o.Member("capacity")),
                CkbJson.ReadScript(o.Member("lock")),
                o.Optional("type") is { } type ? CkbJson.ReadScript(type) : null)),
        ],
        OutputsData = [.. json.Member("outputs_data").EnumerateArray().Select(Bytes)],
        Witnesses = [.. json.Member("witnesses").EnumerateArray().Select(Bytes)],
    };

    private static ByteString Bytes(JsonElement text) => ByteString.Parse(text.GetString() ?? "");
}
