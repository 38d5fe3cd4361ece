using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Chain;
using FiberLink.Chain.Node;

namespace FiberLink.Sandbox.Chain;

/// <summary>What get_cells asks for: cells by their lock or type, in the order of the node's list, a page at a time.</summary>
internal sealed class CellSearch
{
    private const int CellsMax = 10_000;

    private readonly Script _script;
    private readonly bool _isLock;
    private readonly bool _isExact;
    private readonly bool _withData;
    private readonly bool _isDescending;
    private readonly int _limit;
    private readonly byte[]? _after;
    private readonly List<Func<ChainCell, bool>> _filters = [];

    /// <exception cref="FormatException">It is no search.</exception>
    public CellSearch(CallParameters parameters)
    {
        var key = parameters.At(0);
        _script = CkbJson.ReadScript(key.Member("script"));
        _isLock = OneOf(key.Member("script_type").GetString(), "lock", "type");
        _isExact = OneOf(key.Optional("script_search_mode")?.GetString() ?? "prefix", "exact", "prefix");
        _withData = key.Optional("with_data")?.GetBoolean() ?? true;
        _isDescending = OneOf(parameters.Text(1), "desc", "asc");
        _limit = (int)Math.Min(parameters.Number(2), CellsMax);
        _after = parameters.Text(3) is { } cursor ? ByteString.Parse(cursor).ToBytes() : null;
        if (_limit == 0)
        {
            throw new FormatException("limit should be greater than 0");
        }

        if (key.Optional("filter") is { } filter)
        {
            ReadFilter(filter);
        }
    }

    /// <summary>The page, as of a block.</summary>
    public JsonObject Page(IEnumerable<ChainCell> cells, ulong asOf)
    {
        var found = cells.Where(c => c.IsLiveAt(asOf)).Select(c => (Cell: c, Script: Own(c, _isLock)))
            .Where(c => c.Script is not null && IsMeant(c.Script) && _filters.TrueForAll(f => f(c.Cell)))
            .Select(c => (c.Cell, Key: c.Cell.Key(c.Script!, _isLock)))
            .Where(c => _after is null || Compare(c.Key, _after) > 0)
            .ToList();
        found.Sort((a, b) => Compare(a.Key, b.Key));
        var page = found.Take(_limit).ToList();
        return new()
        {
            ["objects"] = new JsonArray([.. page.Select(c => (JsonNode)Write(c.Cell))]),
            ["last_cursor"] = ByteString.From(page.Count == 0 ? [] : page[^1].Key).ToString(),
        };
    }

    private static Script? Own(ChainCell cell, bool isLock) => isLock ? cell.Cell.Output.Lock : cell.Cell.Output.Type;

    private int Compare(byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b) * (_isDescending ? -1 : 1);

    private bool IsMeant(Script script) => _isExact ? script == _script : StartsWith(script, _script);

    private void ReadFilter(JsonElement filter)
    {
        if (filter.Optional("script") is { } other)
        {
            var begins = CkbJson.ReadScript(other);
            _filters.Add(c => Own(c, !_isLock) is { } script && StartsWith(script, begins));
        }

        Range("script_len_range", c => (ulong)(Own(c, !_isLock)?.OccupiedBytes ?? 0));
        Range("output_data_len_range", c => (ulong)c.Cell.Data.Length);
        Range("output_capacity_range", c => c.Cell.Output.Capacity);
        Range("block_range", c => c.Block);

        // From the first on, and below the second.
        void Range(string name, Func<ChainCell, ulong> measure)
        {
            if (filter.Optional(name) is not { } range)
            {
                return;
            }

            var (from, to) = (CkbJson.ReadQuantity(range[0]), CkbJson.ReadQuantity(range[1]));
            _filters.Add(c => measure(c) >= from && measure(c) < to);
        }
    }

    private JsonObject Write(ChainCell cell) => new()
    {
        ["block_number"] = HexQuantity.Format(cell.Block),
        ["out_point"] = CkbJson.Of(cell.Cell.OutPoint),
        ["output"] = CkbJson.Of(cell.Cell.Output),
        ["output_data"] = _withData ? cell.Cell.Data.ToString() : null,
        ["tx_index"] = HexQuantity.Format(cell.TransactionIndex),
    };

    private static bool StartsWith(Script script, Script begins) =>
        script.CodeHash == begins.CodeHash && script.HashType == begins.HashType && script.Args.Span.StartsWith(begins.Args.Span);

    private static bool OneOf(string? text, string yes, string no) =>
        text == yes || (text == no ? false : throw new FormatException($"unknown variant `{text}`, expected `{yes}` or `{no}`"));
}
