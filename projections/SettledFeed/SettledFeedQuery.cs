using System.Globalization;
using FiberLink.Events;
using FiberLink.Events.Money;
using Npgsql;

namespace FiberLink.Projections.SettledFeed;

/// <summary>A settled tip, as the feed tells of it.</summary>
public sealed record SettledTip(
    Guid TipId,
    string PostId,
    string Invoice,
    Amount Amount,
    string From,
    string To,
    SealedText? Message,
    DateTimeOffset SettledAt,
    long Position);

/// <summary>Reads the feed of one community.</summary>
public sealed class SettledFeedQuery(NpgsqlDataSource database)
{
    private const string After =
        """
        select tip_id, post_id, invoice, asset, units::text, from_member, to_member, message_key, message_nonce, message_ciphertext,
               settled_at, position
          from read_models.settled_feed
         where tenant_id = $1 and position > $2
         order by position
         limit $3
        """;

    private const string Position = "select position from read_models.settled_feed where tenant_id = $1 and tip_id = $2";

    // Milliseconds, because that is all a cursor says; so a tip of the same millisecond is told again rather than missed. And just
    // before the first that is not earlier, not just after the last that is: clocks of two service nodes differ, positions do not.
    private const string PositionByTime =
        """
        select coalesce(
                   (select min(position) - 1 from read_models.settled_feed
                     where tenant_id = $1 and position is not null and date_trunc('milliseconds', settled_at) >= $2),
                   (select max(position) from read_models.settled_feed where tenant_id = $1 and position is not null),
                   0)
        """;

    /// <summary>The tips after a position, in commit order.</summary>
    public async Task<IReadOnlyList<SettledTip>> AfterAsync(string tenant, long position, int limit, CancellationToken ct)
    {
        await using var command = Sql.Command(database, After, tenant, position, limit);
        var tips = new List<SettledTip>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            tips.Add(new(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                new(new Asset(reader.GetString(3)), UInt128.Parse(reader.GetString(4), CultureInfo.InvariantCulture)),
                reader.GetString(5),
                reader.GetString(6),
                reader.IsDBNull(7) ? null : new(reader.GetGuid(7), reader.GetString(8), reader.GetString(9)),
                reader.GetFieldValue<DateTimeOffset>(10),
                reader.GetInt64(11)));
        }

        return tips;
    }

    /// <summary>The position of a settled tip; null when the feed does not have it.</summary>
    public async Task<long?> PositionOfAsync(string tenant, Guid tipId, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Position, tenant, tipId);
        return await command.ExecuteScalarAsync(ct) as long?;
    }

    /// <summary>The position after which every tip of that time or later stands; for a cursor whose tip is not known here.</summary>
    public async Task<long> PositionBeforeAsync(string tenant, DateTimeOffset settledAt, CancellationToken ct)
    {
        await using var command = Sql.Command(database, PositionByTime, tenant, settledAt.ToUniversalTime());
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
