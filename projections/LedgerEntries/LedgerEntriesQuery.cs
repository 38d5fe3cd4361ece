using System.Globalization;
using System.Runtime.CompilerServices;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Projections.AccountBalances;
using Npgsql;

namespace FiberLink.Projections.LedgerEntries;

/// <summary>One posting, as the books have it.</summary>
/// <param name="Position">Its event's place in the log.</param>
/// <param name="Number">Its place in the event, from 0.</param>
/// <param name="Account">The account.</param>
/// <param name="Member">Whose; null for the community's own.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Units">Smallest units; a credit is positive.</param>
/// <param name="Balance">Smallest units on the account once this was posted.</param>
/// <param name="EventId">Its event.</param>
/// <param name="Event">The event's name.</param>
/// <param name="Stream">The event's stream: a tip's, a withdrawal's.</param>
/// <param name="At">The event's time.</param>
public sealed record LedgerEntry(
    long Position,
    int Number,
    Account Account,
    string? Member,
    Asset Asset,
    Int128 Units,
    Int128 Balance,
    Guid EventId,
    string Event,
    string Stream,
    DateTimeOffset At)
{
    /// <summary>The postings of an event, whose balances are not known yet; none when it moves nothing.</summary>
    public static IEnumerable<LedgerEntry> Of(RecordedEvent @event) =>
        @event.Body is not IMovesMoney { Entry: { } entry }
            ? []
            : entry.Postings.Select((p, i) => new LedgerEntry(
                @event.Position, i, p.Account, p.Member, p.Asset, p.Units, 0, @event.Id, @event.Name, @event.Stream.Key, @event.At));
}

/// <summary>Which postings of a community are read. All conditions hold at once.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="After">Only what was posted after this position; 0 for the beginning.</param>
/// <param name="UpTo">Only what was posted at or before this position.</param>
public sealed record LedgerFilter(string Tenant, long After, long UpTo)
{
    /// <summary>Only this member's accounts.</summary>
    public string? Member { get; init; }

    /// <summary>Only this account.</summary>
    public Account? Account { get; init; }

    /// <summary>Only this asset.</summary>
    public Asset? Asset { get; init; }

    public bool Has(LedgerEntry entry) =>
        entry.Position > After
        && entry.Position <= UpTo
        && (Member is null || entry.Member == Member)
        && (Account is null || entry.Account == Account)
        && (Asset is null || entry.Asset == Asset);
}

/// <summary>Reads the books, within one community.</summary>
public sealed class LedgerEntriesQuery(NpgsqlDataSource database)
{
    private const string Columns =
        "select position, posting, account, member, asset, units::text, balance::text, event_id, event, stream, at from";

    private const string Chosen =
        """
        read_models.ledger_entries
         where tenant_id = $1 and position > $2 and position <= $3
           and ($4::text is null or member = $4) and ($5::text is null or account = $5) and ($6::text is null or asset = $6)
        """;

    private const string Forward = $"{Columns} {Chosen} order by position, posting";

    private const string Latest =
        $"{Columns} (select * from {Chosen} order by position desc, posting desc limit $7) as latest order by position, posting";

    // The accounts are those of the living balances: one that has entries has a row there.
    private const string Balances =
        """
        select a.account, a.member, a.asset, last.balance::text
          from read_models.account_balances as a
         cross join lateral (
               select e.balance from read_models.ledger_entries as e
                where e.tenant_id = a.tenant_id and e.member = a.member and e.account = a.account and e.asset = a.asset
                  and e.position <= $2
                order by e.position desc, e.posting desc limit 1) as last
         where a.tenant_id = $1 and ($3::text is null or a.member = $3)
         order by a.account, a.member, a.asset
        """;

    /// <summary>Every posting up to this position of the log is in the books.</summary>
    public async Task<long> ReadPositionAsync(CancellationToken ct) =>
        (await ShownPosition.ReadAsync(database, LedgerEntriesProjection.ProjectionName, ct)).Position;

    /// <summary>Postings in the log's order, one after the other: however many there are, few are in memory.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="latest">Only so many, the latest; null for all.</param>
    /// <param name="ct">Stops the read.</param>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(
        LedgerFilter filter, int? latest, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = Sql.Command(
            database,
            latest is null ? Forward : Latest,
            [
                filter.Tenant, filter.After, filter.UpTo, (object?)filter.Member ?? DBNull.Value,
                (object?)filter.Account?.ToString() ?? DBNull.Value, (object?)filter.Asset?.Code ?? DBNull.Value,
                .. latest is { } limit ? new object[] { limit } : [],
            ]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var member = reader.GetString(3);
            yield return new(
                reader.GetInt64(0),
                reader.GetInt32(1),
                Enum.Parse<Account>(reader.GetString(2)),
                member.Length == 0 ? null : member,
                new Asset(reader.GetString(4)),
                Int128.Parse(reader.GetString(5), CultureInfo.InvariantCulture),
                Int128.Parse(reader.GetString(6), CultureInfo.InvariantCulture),
                reader.GetGuid(7),
                reader.GetString(8),
                reader.GetString(9),
                reader.GetFieldValue<DateTimeOffset>(10));
        }
    }

    /// <summary>Every account that had a posting by then, and what it stood at.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="member">Only this member's; null for all accounts.</param>
    /// <param name="position">As of when; not after <see cref="ReadPositionAsync"/>.</param>
    /// <param name="ct">Stops the read.</param>
    public async Task<IReadOnlyList<AccountBalance>> BalancesAsync(string tenant, string? member, long position, CancellationToken ct)
    {
        await using var command = Sql.Command(database, Balances, tenant, position, (object?)member ?? DBNull.Value);
        return await AccountBalancesQuery.ReadAllAsync(command, ct);
    }
}
