using System.Globalization;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.PayoutRules;
using Npgsql;

namespace FiberLink.Projections.Withdrawals;

/// <summary>Everything stored that a withdrawal is decided on, read at one moment. Amounts are in smallest units.</summary>
/// <param name="Limits">Null when nobody has set any.</param>
/// <param name="PausedBecause">Why withdrawals are paused; null when they are not.</param>
/// <param name="IsMemberDenied">By the community or by the hub.</param>
/// <param name="IsDestinationDenied">By the community or by the hub.</param>
/// <param name="Available">What the member may still withdraw.</param>
/// <param name="Held">What the member's open withdrawals hold.</param>
/// <param name="MemberDay">What the member asked for since the window began.</param>
/// <param name="CommunityDay">What all members asked for since then.</param>
/// <param name="MemberOpen">What the member has open.</param>
/// <param name="LastRequestedAt">When the member asked last.</param>
/// <param name="DestinationSince">When the member first asked for the destination.</param>
/// <param name="QueuedOnChain">What waits in the asset to be paid on chain, in all communities.</param>
/// <param name="QueuedCoins">What waits in CKB to be paid on chain, in all communities.</param>
/// <param name="QueuedTokens">How many withdrawals of tokens wait to be paid on chain, in all communities.</param>
/// <param name="IsInvoiceUsed">Another withdrawal to the same invoice is open, or was paid.</param>
/// <param name="RulesPosition">The community's rules as of; 0 when there are none.</param>
/// <param name="HubRulesPosition">The hub's rules as of.</param>
public sealed record PayoutUse(
    PayoutLimits? Limits,
    string? PausedBecause,
    bool IsMemberDenied,
    bool IsDestinationDenied,
    UInt128 Available,
    UInt128 Held,
    UInt128 MemberDay,
    UInt128 CommunityDay,
    UInt128 MemberOpen,
    DateTimeOffset? LastRequestedAt,
    DateTimeOffset? DestinationSince,
    UInt128 QueuedOnChain,
    UInt128 QueuedCoins,
    long QueuedTokens,
    bool IsInvoiceUsed,
    long RulesPosition,
    long HubRulesPosition);

/// <summary>Reads what a withdrawal is decided on.</summary>
public sealed class PayoutUseQuery(NpgsqlDataSource database)
{
    // One statement, one snapshot: the parts fit together.
    private const string Read =
        """
        select (select p.limits::text from read_models.payout_policies p where p.tenant_id = $1 and p.asset = $2),
               (select s.reason from read_models.payout_stops s
                 where s.tenant_id in ($1, $6) and s.kind = 'Paused' and s.value in ('', $2) order by s.stopped_at limit 1),
               exists (select from read_models.payout_stops s
                        where s.tenant_id in ($1, $6) and s.kind = 'Member' and s.value = $3),
               exists (select from read_models.payout_stops s
                        where s.tenant_id in ($1, $6) and s.kind = 'Destination' and s.value = $4),
               coalesce((select b.units from read_models.account_balances b
                          where b.tenant_id = $1 and b.account = 'MemberAvailable' and b.member = $3 and b.asset = $2), 0)::text,
               coalesce((select b.units from read_models.account_balances b
                          where b.tenant_id = $1 and b.account = 'MemberHeld' and b.member = $3 and b.asset = $2), 0)::text,
               coalesce((select sum(w.amount) from read_models.withdrawals w
                          where w.tenant_id = $1 and w.asset = $2 and w.member = $3 and w.requested_at > $5
                            and w.stage not in ('Failed', 'Cancelled')), 0)::text,
               coalesce((select sum(w.amount) from read_models.withdrawals w
                          where w.tenant_id = $1 and w.asset = $2 and w.requested_at > $5
                            and w.stage not in ('Failed', 'Cancelled')), 0)::text,
               coalesce((select sum(w.amount) from read_models.withdrawals w
                          where w.tenant_id = $1 and w.asset = $2 and w.member = $3
                            and w.stage in ('Queued', 'Prepared', 'Sent', 'InBlock')), 0)::text,
               (select max(w.requested_at) from read_models.withdrawals w
                 where w.tenant_id = $1 and w.asset = $2 and w.member = $3 and w.stage not in ('Failed', 'Cancelled')),
               (select min(w.requested_at) from read_models.withdrawals w
                 where w.tenant_id = $1 and w.member = $3 and w.destination = $4 and w.stage not in ('Failed', 'Cancelled')),
               coalesce((select sum(w.pays) from read_models.withdrawals w
                          where w.destination_kind = 'CkbAddress' and w.asset = $2 and w.stage = 'Queued'), 0)::text,
               coalesce((select sum(w.pays) from read_models.withdrawals w
                          where w.destination_kind = 'CkbAddress' and w.asset = 'CKB' and w.stage = 'Queued'), 0)::text,
               (select count(*) from read_models.withdrawals w
                 where w.destination_kind = 'CkbAddress' and w.asset <> 'CKB' and w.stage = 'Queued'),
               exists (select from read_models.withdrawals w
                        where w.payment_hash = $7 and w.stage not in ('Failed', 'Cancelled')),
               coalesce((select r.position from read_models.payout_rules r where r.tenant_id = $1), 0),
               coalesce((select r.position from read_models.payout_rules r where r.tenant_id = $6), 0)
        """;

    /// <param name="tenant">The community.</param>
    /// <param name="member">Who asks.</param>
    /// <param name="asset">For what.</param>
    /// <param name="destination">To where.</param>
    /// <param name="paymentHash">The invoice's; null for an address.</param>
    /// <param name="dayFrom">When the window of 24 hours began.</param>
    /// <param name="ct">Stops the read.</param>
    public async Task<PayoutUse> ReadAsync(
        string tenant, string member, Asset asset, string destination, string? paymentHash, DateTimeOffset dayFrom, CancellationToken ct)
    {
        await using var command = Sql.Command(
            database, Read, tenant, asset.Code, member, destination, dayFrom.ToUniversalTime(), Tenants.Hub, paymentHash ?? "");
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        UInt128 Units(int column) => UnitsOf(reader.GetString(column));
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        return new(
            reader.Text(0) is { } limits ? PayoutRulesQuery.LimitsOf(limits) : null,
            reader.Text(1),
            reader.GetBoolean(2),
            reader.GetBoolean(3),
            Units(4),
            Units(5),
            Units(6),
            Units(7),
            Units(8),
            Time(9),
            Time(10),
            Units(11),
            Units(12),
            reader.GetInt64(13),
            reader.GetBoolean(14),
            reader.GetInt64(15),
            reader.GetInt64(16));
    }

    // A sum can have more digits than one amount; more than there can be is over every limit all the same.
    private static UInt128 UnitsOf(string text) =>
        UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var units) ? units : UInt128.MaxValue;
}
