using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using Npgsql;

namespace FiberLink.Projections.Treasury;

/// <summary>What is stored about the hub's own money, of all communities, read at one moment.</summary>
/// <param name="Accounts">The sum of each of the hub's accounts, by asset; a credit is positive.</param>
/// <param name="Queued">What waits to be paid.</param>
/// <param name="Leaving">What may have left already though the books still have it.</param>
/// <param name="TakenBack">What the books say has left, and a reorganisation has brought back for now.</param>
/// <param name="Opened">The places for which capital was booked: only there can books and reality be compared.</param>
public sealed record HubBooks(
    IReadOnlyDictionary<(Account Account, Asset Asset), Int128> Accounts,
    IReadOnlyDictionary<(DestinationKind Kind, Asset Asset), HubDemand> Queued,
    IReadOnlyDictionary<(DestinationKind Kind, Asset Asset), HubDemand> Leaving,
    IReadOnlyDictionary<(DestinationKind Kind, Asset Asset), HubDemand> TakenBack,
    IReadOnlySet<(HubPlace Place, Asset Asset)> Opened)
{
    /// <summary>How many withdrawals of tokens on chain are among some: each takes coins for its cell beside the token.</summary>
    public static long TokensOnChain(IReadOnlyDictionary<(DestinationKind Kind, Asset Asset), HubDemand> demands) =>
        demands.Where(d => d.Key.Kind is DestinationKind.CkbAddress && d.Key.Asset != Asset.Ckb).Sum(d => d.Value.Count);
}

/// <summary>What several withdrawals come to.</summary>
/// <param name="Units">Smallest units.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Since">When the oldest was asked for.</param>
public sealed record HubDemand(UInt128 Units, long Count, DateTimeOffset Since);

/// <summary>Reads the hub's books.</summary>
public sealed class HubBooksQuery(NpgsqlDataSource database)
{
    // One statement, one snapshot: what has left one part of the answer is in the other.
    private const string Read =
        """
        select 'account', b.account, b.asset, sum(b.units)::text, 0::bigint, null::timestamptz
          from read_models.account_balances b where b.account not in ('MemberAvailable', 'MemberHeld') group by b.account, b.asset
        union all
        select 'queued', w.destination_kind, w.asset, sum(w.pays)::text, count(*), min(w.requested_at)
          from read_models.withdrawals w where w.stage = 'Queued' group by w.destination_kind, w.asset
        union all
        select case when w.stage = 'Completed' then 'back' else 'leaving' end, w.destination_kind, w.asset, sum(w.hold)::text, count(*),
               min(w.requested_at)
          from read_models.withdrawals w
         where not w.is_final and w.stage in ('Prepared', 'Sent', 'InBlock', 'Completed')
           and (w.stage <> 'Completed' or w.block_hash is null)
         group by 1, w.destination_kind, w.asset
        union all
        select 'opened', m.place, m.asset, '0', count(*), null
          from read_models.treasury_movements m where m.kind = 'Booking' and m.stage = 'Booked' group by m.place, m.asset
        """;

    public async Task<HubBooks> ReadAsync(CancellationToken ct)
    {
        var accounts = new Dictionary<(Account, Asset), Int128>();
        var demands = new Dictionary<string, Dictionary<(DestinationKind, Asset), HubDemand>>(StringComparer.Ordinal)
        {
            ["queued"] = [],
            ["leaving"] = [],
            ["back"] = [],
        };
        var opened = new HashSet<(HubPlace, Asset)>();
        await using var command = Sql.Command(database, Read);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (what, part, asset, units) =
                (reader.GetString(0), reader.GetString(1), new Asset(reader.GetString(2)), reader.GetString(3));
            switch (what)
            {
                case "account":
                    accounts[(Enum.Parse<Account>(part), asset)] = Int128.Parse(units, CultureInfo.InvariantCulture);
                    break;
                case "opened":
                    opened.Add((Enum.Parse<HubPlace>(part), asset));
                    break;
                default:
                    demands[what][(Enum.Parse<DestinationKind>(part), asset)] = new(
                        UInt128.Parse(units, CultureInfo.InvariantCulture),
                        reader.GetInt64(4),
                        reader.GetFieldValue<DateTimeOffset>(5));
                    break;
            }
        }

        return new(accounts, demands["queued"], demands["leaving"], demands["back"], opened);
    }
}
