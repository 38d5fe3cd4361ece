using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Projections;

/// <summary>Columns of a set-based statement: one array parameter each, for <c>unnest</c>.</summary>
internal static class Columns
{
    public static NpgsqlParameter Text(IEnumerable<string?> values) => Array(values.ToArray(), NpgsqlDbType.Text);

    public static NpgsqlParameter Uuid(IEnumerable<Guid?> values) => Array(values.ToArray(), NpgsqlDbType.Uuid);

    public static NpgsqlParameter Long(IEnumerable<long?> values) => Array(values.ToArray(), NpgsqlDbType.Bigint);

    public static NpgsqlParameter Whole(IEnumerable<int?> values) => Array(values.ToArray(), NpgsqlDbType.Integer);

    public static NpgsqlParameter Flag(IEnumerable<bool?> values) => Array(values.ToArray(), NpgsqlDbType.Boolean);

    public static NpgsqlParameter Time(IEnumerable<DateTimeOffset?> values) =>
        Array(values.Select(v => v?.ToUniversalTime()).ToArray(), NpgsqlDbType.TimestampTz);

    /// <summary>128-bit numbers travel as text; the statement casts them to numeric.</summary>
    public static NpgsqlParameter Units(IEnumerable<Int128> values) =>
        Text(values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    public static NpgsqlParameter Units(IEnumerable<UInt128?> values) =>
        Text(values.Select(v => v?.ToString(CultureInfo.InvariantCulture)));

    private static NpgsqlParameter Array(object values, NpgsqlDbType element) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}
