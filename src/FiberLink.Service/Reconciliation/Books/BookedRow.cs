using System.Globalization;
using System.Runtime.CompilerServices;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Reconciliation.Books;

/// <summary>A posting as the books' table has it, whatever is in it: somebody may have written it by hand.</summary>
internal sealed record BookedRow(
    string Tenant,
    long Position,
    int Number,
    string Account,
    string Member,
    string Asset,
    Int128 Units,
    Guid EventId,
    string Event,
    string Stream,
    DateTimeOffset At);

/// <summary>Reads the books' table in the log's order.</summary>
internal sealed class BookedRowsQuery(NpgsqlDataSource database)
{
    private const string InOrder =
        """
        select tenant_id, position, posting, account, member, asset, units::text, event_id, event, stream, at
          from read_models.ledger_entries
         where position <= $1 and ($2::text is null or tenant_id = $2)
         order by position, tenant_id, posting
        """;

    /// <summary>One after the other: however many there are, few are in memory.</summary>
    /// <param name="upTo">The last position.</param>
    /// <param name="tenant">Null for all communities.</param>
    /// <param name="ct">Stops the read.</param>
    public async IAsyncEnumerable<BookedRow> ReadAsync(long upTo, string? tenant, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = database.Command(
            InOrder,
            new() { Value = upTo },
            new() { Value = (object?)tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

        // The rows are sorted first, which takes as long as they are many.
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return new(
                reader.GetString(0),
                reader.GetInt64(1),
                reader.GetInt32(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetString(5),
                Int128.Parse(reader.GetString(6), CultureInfo.InvariantCulture),
                reader.GetGuid(7),
                reader.GetString(8),
                reader.GetString(9),
                reader.GetFieldValue<DateTimeOffset>(10));
        }
    }
}
