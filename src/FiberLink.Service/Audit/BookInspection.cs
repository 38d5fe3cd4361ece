using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;

namespace FiberLink.Service.Audit;

/// <summary>
/// Adds up every posting of a log that is being verified, without the projection's code, and compares the sums with the balances of the
/// same moment.
/// </summary>
/// <remarks>It holds one number for each account.</remarks>
public sealed class BookInspection : ILogInspection
{
    private const string Sql = "select tenant_id, account, member, asset, units::text from read_models.account_balances";

    private readonly Dictionary<(string Tenant, string Account, string Member, string Asset), Int128> _sums = [];

    public SealFinding? See(RecordedEvent seen)
    {
        if (seen.Body is not IMovesMoney { Entry: { } entry })
        {
            return null;
        }

        var sums = new Dictionary<Asset, Int128>();
        foreach (var posting in entry.Postings)
        {
            Add(_sums, (seen.Stream.Tenant, posting.Account.ToString(), posting.Member ?? "", posting.Asset.Code), posting.Units);
            Add(sums, posting.Asset, posting.Units);
        }

        return sums.Values.All(s => s == 0)
            ? null
            : new(
                SealFindingKind.EntryUnbalanced,
                seen.Position,
                FormattableString.Invariant($"Position {seen.Position}: the postings of the event do not sum to zero."));
    }

    public async Task<IReadOnlyList<SealFinding>> EndAsync(UnitOfWork work, CancellationToken ct)
    {
        var findings = new List<SealFinding>();
        await using var command = work.Command(Sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var key = (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3));
            _sums.Remove(key, out var should);
            if (reader.GetString(4) != should.ToString(System.Globalization.CultureInfo.InvariantCulture))
            {
                findings.Add(Wrong(key, reader.GetString(4), should));
            }
        }

        findings.AddRange(_sums.Where(s => s.Value != 0).Select(s => Wrong(s.Key, "no row", s.Value)));
        return findings;
    }

    private static void Add<TKey>(Dictionary<TKey, Int128> sums, TKey key, Int128 units)
        where TKey : notnull =>
        sums[key] = checked(sums.GetValueOrDefault(key) + units);

    private static SealFinding Wrong((string Tenant, string Account, string Member, string Asset) key, string has, Int128 should) =>
        new(
            SealFindingKind.BalanceWrong,
            null,
            FormattableString.Invariant(
                $"Balance {key.Account} {key.Member} of {key.Tenant} in {key.Asset}: it says {has}, and its postings sum to {should}."));
}
