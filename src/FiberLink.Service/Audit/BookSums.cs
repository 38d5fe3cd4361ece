using FiberLink.Events.Money;
using FiberLink.Projections.AccountBalances;

namespace FiberLink.Service.Audit;

/// <summary>Adds up postings, without the projection's code. It holds one number for each account.</summary>
internal sealed class BookSums
{
    private readonly Dictionary<(string Tenant, string Asset), Dictionary<(string Account, string Member), Int128>> _sums = [];

    /// <summary>Every account that has had a posting.</summary>
    public IEnumerable<(string Tenant, string Account, string Member, string Asset, Int128 Units)> All =>
        _sums.SelectMany(b => b.Value.Select(a => (b.Key.Tenant, a.Key.Account, a.Key.Member, b.Key.Asset, a.Value)));

    /// <summary>Every account of a community that has had a posting, in the order in which the books are told.</summary>
    public IReadOnlyList<AccountBalance> Of(string tenant) =>
    [
        .. All.Where(s => s.Tenant == tenant)
            .Select(s => new AccountBalance(
                Enum.Parse<Account>(s.Account), s.Member.Length == 0 ? null : s.Member, new(s.Asset), s.Units))
            .OrderBy(b => b.Account).ThenBy(b => b.Member, StringComparer.Ordinal).ThenBy(b => b.Asset.Code, StringComparer.Ordinal),
    ];

    /// <returns>What the account stands at with it.</returns>
    public Int128 Add(string tenant, Posting posting)
    {
        if (!_sums.TryGetValue((tenant, posting.Asset.Code), out var accounts))
        {
            _sums.Add((tenant, posting.Asset.Code), accounts = []);
        }

        var key = (posting.Account.ToString(), posting.Member ?? "");
        return accounts[key] = checked(accounts.GetValueOrDefault(key) + posting.Units);
    }

    /// <summary>Takes an account out and tells what it stood at; 0 when it never had a posting.</summary>
    public Int128 Take(string tenant, string account, string member, string asset) =>
        _sums.TryGetValue((tenant, asset), out var accounts) && accounts.Remove((account, member), out var units) ? units : 0;

    /// <summary>What is owed to members by now.</summary>
    public MemberTotals OwedIn(string tenant, Asset asset) =>
        MemberTotals.Of(_sums.GetValueOrDefault((tenant, asset.Code))?.Select(a => (a.Key.Account, a.Key.Member, a.Value)) ?? []);
}
