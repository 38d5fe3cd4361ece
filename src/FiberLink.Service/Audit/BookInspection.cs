using System.Globalization;
using FiberLink.Events.Liabilities;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;

namespace FiberLink.Service.Audit;

/// <summary>
/// Adds up every posting of a log that is being verified, without the projection's code, and compares the sums with the balances of the
/// same moment, and with what was published of them at its own.
/// </summary>
/// <remarks>It holds one number for each account.</remarks>
public sealed class BookInspection : ILogInspection
{
    private const string Sql = "select tenant_id, account, member, asset, units::text from read_models.account_balances";

    private readonly BookSums _sums = new();
    private readonly LiabilityMarks _marks = new();
    private readonly List<SealFinding> _late = [];

    public Task BeginAsync(UnitOfWork work, CancellationToken ct) => _marks.BeginAsync(work, ct);

    public SealFinding? See(RecordedEvent seen)
    {
        _marks.Reach(seen.Position - 1, _sums);
        if (seen.Body is LiabilitiesEvent.Published published)
        {
            _marks.Meet(seen.Stream, seen.Position, published);
        }

        _late.AddRange(_marks.TakeFindings());
        if (seen.Body is not IMovesMoney { Entry: { } entry })
        {
            return null;
        }

        var sums = new Dictionary<Asset, Int128>();
        foreach (var posting in entry.Postings)
        {
            _sums.Add(seen.Stream.Tenant, posting);
            sums[posting.Asset] = checked(sums.GetValueOrDefault(posting.Asset) + posting.Units);
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
        _marks.Reach(long.MaxValue, _sums);
        var findings = new List<SealFinding>([.. _late, .. _marks.TakeFindings()]);
        await using var command = work.Command(Sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (tenant, account, member, asset) = (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3));
            var should = _sums.Take(tenant, account, member, asset);
            if (reader.GetString(4) != should.ToString(CultureInfo.InvariantCulture))
            {
                findings.Add(Wrong(tenant, account, member, asset, reader.GetString(4), should));
            }
        }

        findings.AddRange(
            _sums.All.Where(s => s.Units != 0).Select(s => Wrong(s.Tenant, s.Account, s.Member, s.Asset, "no row", s.Units)));
        return findings;
    }

    private static SealFinding Wrong(string tenant, string account, string member, string asset, string has, Int128 should) =>
        new(
            SealFindingKind.BalanceWrong,
            null,
            FormattableString.Invariant(
                $"Balance {account} {member} of {tenant} in {asset}: it says {has}, and its postings sum to {should}."));
}
