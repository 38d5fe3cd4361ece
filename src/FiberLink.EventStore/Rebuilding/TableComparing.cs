using System.Globalization;
using System.Text.Json;
using FiberLink.Postgres;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Compares the live tables of a read model with those of a generation, within one snapshot of both.</summary>
internal sealed class TableComparing(UnitOfWork work, Generation generation)
{
    private const int SecondsMax = 3600;

    public async Task<TableComparison> CompareAsync(string table, CancellationToken ct)
    {
        var name = $"{generation.Tables.Schema}.{table}";
        var live = await TableShape.ReadAsync(work, generation.Live(table), ct);
        var rebuilt = await TableShape.ReadAsync(work, generation.Next(table), ct);
        if (!live.Columns.Order(StringComparer.Ordinal).SequenceEqual(rebuilt.Columns.Order(StringComparer.Ordinal)))
        {
            return new(name, 0, 0, "", "", [], $"{Differing(live, rebuilt)} in the live table, {Differing(rebuilt, live)} by its scripts");
        }

        var foreign = generation.Tables.NotFromEvents.Where(c => c.Table == table).Select(c => c.Column);
        var columns = live.Columns.Except(foreign, StringComparer.Ordinal).ToArray();
        var (liveRows, liveDigest) = await DigestAsync(generation.Live(table), columns, ct);
        var (rebuiltRows, rebuiltDigest) = await DigestAsync(generation.Next(table), columns, ct);
        var isSame = liveRows == rebuiltRows && liveDigest == rebuiltDigest;
        var key = rebuilt.Key.Count > 0 ? rebuilt.Key : columns;
        return new(
            name, liveRows, rebuiltRows, liveDigest, rebuiltDigest, isSame ? [] : await DifferencesAsync(table, columns, key, ct), null);
    }

    private static string Differing(TableShape one, TableShape other) =>
        string.Join(", ", one.Columns.Except(other.Columns, StringComparer.Ordinal).DefaultIfEmpty("nothing more"));

    // In whatever order the rows lie: two sums over 64-bit hashes with different seeds, so that no sort is needed.
    private async Task<(long Rows, string Digest)> DigestAsync(string table, IReadOnlyList<string> columns, CancellationToken ct)
    {
        await using var command = work.Command(
            $"""
            select count(*), lpad(to_hex(hashtextextended(
                       concat_ws('/', count(*), sum(hashtextextended(line, 1)), bit_xor(hashtextextended(line, 2))), 0)), 16, '0')
              from (select row({List(columns)})::text as line from {table}) as lines
            """);
        command.CommandTimeout = SecondsMax;
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetString(1));
    }

    private async Task<IReadOnlyList<RowDifference>> DifferencesAsync(
        string table, IReadOnlyList<string> columns, IReadOnlyList<string> key, CancellationToken ct)
    {
        var live = $"select {List(columns)} from {generation.Live(table)}";
        var rebuilt = $"select {List(columns)} from {generation.Next(table)}";
        await using var command = work.Command(
            $"""
            select is_live, to_jsonb(line) - 'is_live'
              from (select true as is_live, l.* from ({live} except all {rebuilt}) as l
                    union all
                    select false, r.* from ({rebuilt} except all {live}) as r) as line
             order by {List(key)}, is_live
             limit {(2 * TableComparison.DifferencesMax).ToString(CultureInfo.InvariantCulture)}
            """);
        command.CommandTimeout = SecondsMax;
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<(string Key, bool IsLive, Dictionary<string, string> Values)>();
        while (await reader.ReadAsync(ct))
        {
            using var parsed = JsonDocument.Parse(reader.GetString(1));
            var values = parsed.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
            rows.Add((string.Join(", ", key.Select(k => $"{k} = {values[k]}")), reader.GetBoolean(0), values));
        }

        return [.. rows.GroupBy(r => r.Key, StringComparer.Ordinal).Select(Difference).Take(TableComparison.DifferencesMax)];
    }

    private static RowDifference Difference(IGrouping<string, (string Key, bool IsLive, Dictionary<string, string> Values)> rows)
    {
        var live = rows.FirstOrDefault(r => r.IsLive).Values;
        var rebuilt = rows.FirstOrDefault(r => !r.IsLive).Values;
        return live is null ? new(rows.Key, RowDifferenceKind.Missing, [])
            : rebuilt is null ? new(rows.Key, RowDifferenceKind.TooMany, [])
            : new(rows.Key, RowDifferenceKind.Differs, [.. live.Where(c => rebuilt[c.Key] != c.Value).Select(c => c.Key)]);
    }

    private static string List(IEnumerable<string> columns) => string.Join(", ", columns.Select(SqlName.Quote));
}
