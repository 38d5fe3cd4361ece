using FiberLink.Events.Adjustments;
using FiberLink.Events.Members;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Ledger;

namespace FiberLink.Service.Audit.Packs;

/// <summary>What one member's balance is made of, by the events of a pack alone.</summary>
/// <remarks>It holds the member's postings, and what their streams are about; of others nothing.</remarks>
internal sealed class PackStatement(string member)
{
    private readonly List<ExplainedEntry> _entries = [];
    private readonly Dictionary<string, PostingOrigin> _origins = new(StringComparer.Ordinal);

    /// <summary>Whose.</summary>
    public string Member { get; } = member;

    /// <summary>What the member's accounts stood at before the first event.</summary>
    public IReadOnlyList<AccountBalance> Opening { get; private set; } = [];

    /// <summary>The member's postings in the log's order. Those whose beginning is before the pack are not explained in full.</summary>
    public IReadOnlyList<ExplainedEntry> Entries => _entries;

    /// <summary>What the member's accounts stand at after the last event.</summary>
    public IReadOnlyList<AccountBalance> Closing { get; private set; } = [];

    /// <summary>Whether an event says by itself that it is about a member.</summary>
    public static bool IsAbout(object body, string member) => body switch
    {
        TipEvent.Requested e => e.From == member || e.To == member,
        TipEvent.Settled e => e.To == member,
        TipEvent.PaidTwice e => e.To == member,
        WithdrawalEvent.Requested e => e.Member == member,
        AdjustmentEvent.Requested e => e.From.Member == member || e.To.Member == member,
        MemberEvent.TextsErased e => e.Member == member,
        IMovesMoney { Entry: { } entry } => entry.Postings.Any(p => p.Member == member),
        _ => false,
    };

    public void Open(IReadOnlyList<AccountBalance> balances) => Opening = Of(balances);

    /// <param name="seen">The next event.</param>
    /// <param name="entries">Its postings, each with what its account stands at with it.</param>
    public void See(RecordedEvent seen, IReadOnlyList<LedgerEntry> entries)
    {
        if (LedgerReasons.OriginIn(seen.Body) is { } begun && IsAbout(seen.Body, Member))
        {
            _origins[seen.Stream.Key] = begun;
        }

        foreach (var entry in entries.Where(e => e.Member == Member))
        {
            _entries.Add(new(entry, LedgerReasons.Why(entry, _origins.GetValueOrDefault(entry.Stream))));
        }
    }

    public void Close(IReadOnlyList<AccountBalance> balances) => Closing = Of(balances);

    private IReadOnlyList<AccountBalance> Of(IReadOnlyList<AccountBalance> balances) => [.. balances.Where(b => b.Member == Member)];
}
