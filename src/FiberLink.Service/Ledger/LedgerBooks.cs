using System.Runtime.CompilerServices;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.LedgerEntries;

namespace FiberLink.Service.Ledger;

/// <summary>A point of the log that was asked for, once it was found.</summary>
/// <param name="Position">The last event that counts; 0 is before the first.</param>
/// <param name="At">That event's time; null before the first.</param>
public sealed record LedgerPoint(long Position, DateTimeOffset? At);

/// <summary>The books show too little of the log for what was asked.</summary>
public sealed class LedgerIsBehindException(string message) : Exception(message);

/// <summary>The books of a community as of any point of the log: what the read model shows, and the log for what it does not yet.</summary>
public sealed class LedgerBooks(LedgerEntriesQuery entries, IEventStore store, LogTimes times)
{
    /// <summary>More events than this are not read from the log for one answer.</summary>
    public const long UnshownMax = 100_000;

    /// <summary>Finds the point that is meant.</summary>
    /// <param name="point">Null for the log's end.</param>
    /// <param name="ct">Stops the search.</param>
    /// <exception cref="ArgumentOutOfRangeException">The log has no such position.</exception>
    public async Task<LedgerPoint> FindAsync(LogPoint? point, CancellationToken ct)
    {
        var head = await store.ReadHeadAsync(ct);
        var position = point switch
        {
            null => head,
            LogPoint.Position { Value: var value } when value >= 0 && value <= head => value,
            LogPoint.Position { Value: var value } =>
                throw new ArgumentOutOfRangeException(nameof(point), value, $"The log goes from 1 to {head}; 0 is before its first event."),
            LogPoint.Time { Value: var at } => await times.PositionAtAsync(at, ct),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return new(position, position == 0 ? null : await times.TimeOfAsync(position, ct));
    }

    /// <summary>Every account that had a posting by then, and what it stood at.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="member">Only this member's; null for all accounts.</param>
    /// <param name="position">As of when.</param>
    /// <param name="ct">Stops the read.</param>
    /// <exception cref="LedgerIsBehindException">The read model is too far behind.</exception>
    public async Task<IReadOnlyList<AccountBalance>> BalancesAsync(string tenant, string? member, long position, CancellationToken ct)
    {
        var shown = Math.Min(await entries.ReadPositionAsync(ct), position);
        var balances = (await entries.BalancesAsync(tenant, member, shown, ct)).ToDictionary(KeyOf, b => b.Units);
        await foreach (var entry in UnshownAsync(tenant, shown, position, ct))
        {
            if (member is null || entry.Member == member)
            {
                balances[KeyOf(entry)] = checked(balances.GetValueOrDefault(KeyOf(entry)) + entry.Units);
            }
        }

        return
        [
            .. balances.Select(b => new AccountBalance(b.Key.Account, b.Key.Member, b.Key.Asset, b.Value))
                .OrderBy(b => b.Account).ThenBy(b => b.Member, StringComparer.Ordinal).ThenBy(b => b.Asset.Code, StringComparer.Ordinal),
        ];
    }

    /// <summary>Postings in the log's order, each with what its account stood at then.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="latest">Only so many, the latest; null for all, of which few are in memory at a time.</param>
    /// <param name="ct">Stops the read.</param>
    /// <exception cref="LedgerIsBehindException">The read model is too far behind.</exception>
    public async IAsyncEnumerable<LedgerEntry> EntriesAsync(
        LedgerFilter filter, int? latest, [EnumeratorCancellation] CancellationToken ct)
    {
        var shown = Math.Min(await entries.ReadPositionAsync(ct), filter.UpTo);
        var unshown = await UnshownEntriesAsync(filter, shown, ct);
        var left = latest - unshown.Count;
        if (left is null or > 0)
        {
            await foreach (var entry in entries.ReadAsync(filter with { UpTo = Math.Max(shown, filter.After) }, left, ct))
            {
                yield return entry;
            }
        }

        foreach (var entry in unshown.TakeLast(latest ?? unshown.Count))
        {
            yield return entry;
        }
    }

    private async Task<List<LedgerEntry>> UnshownEntriesAsync(LedgerFilter filter, long shown, CancellationToken ct)
    {
        var found = new List<LedgerEntry>();
        var balances = new Dictionary<(Account Account, string? Member, Asset Asset), Int128>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entry in UnshownAsync(filter.Tenant, shown, filter.UpTo, ct))
        {
            // The hub's own accounts have no member's name, and are looked up together.
            if (known.Add(entry.Member ?? ""))
            {
                foreach (var balance in await entries.BalancesAsync(filter.Tenant, entry.Member ?? "", shown, ct))
                {
                    balances[KeyOf(balance)] = balance.Units;
                }
            }

            var after = balances[KeyOf(entry)] = checked(balances.GetValueOrDefault(KeyOf(entry)) + entry.Units);
            if (filter.Has(entry))
            {
                found.Add(entry with { Balance = after });
            }
        }

        return found;
    }

    private async IAsyncEnumerable<LedgerEntry> UnshownAsync(
        string tenant, long shown, long upTo, [EnumeratorCancellation] CancellationToken ct)
    {
        if (upTo - shown > UnshownMax)
        {
            throw new LedgerIsBehindException(
                $"The books show the log up to {shown}, and {upTo} was asked for: that is more than {UnshownMax} events to read beside "
                + "them. Wait for the service to catch up ('fiberlink projections list' says how far LedgerEntries is), or ask for an "
                + "earlier point.");
        }

        for (var after = shown; after < upTo;)
        {
            var query = new LogQuery { After = after, UpTo = upTo, Tenant = tenant };
            var page = await store.ReadLogAsync(query, EventStoreLimits.LogPageMax, ct);
            foreach (var entry in page.Events.SelectMany(LedgerEntry.Of))
            {
                yield return entry;
            }

            after = page.IsAtEnd ? upTo : page.Position;
        }
    }

    private static (Account Account, string? Member, Asset Asset) KeyOf(AccountBalance b) => (b.Account, b.Member, b.Asset);

    private static (Account Account, string? Member, Asset Asset) KeyOf(LedgerEntry e) => (e.Account, e.Member, e.Asset);
}
