using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Chain;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Events.Money;
using FiberLink.Projections.Withdrawals;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>What one transaction may be made of.</summary>
/// <param name="Wallet">The lock whose cells are spent.</param>
/// <param name="Chain">Where the code of locks and tokens is found.</param>
/// <param name="Cells">The wallet's.</param>
/// <param name="Reserved">Cells that others spend.</param>
/// <param name="Fee">What it may cost.</param>
internal sealed record ChoiceTerms(
    Script Wallet, ChainParameters Chain, IReadOnlyList<Cell> Cells, IReadOnlySet<OutPoint> Reserved, FeePolicy Fee)
{
    /// <summary>The most shannon of the wallet's plain cells that it may use up; null for all there are.</summary>
    public UInt128? CoinsMax { get; init; }

    /// <summary>The most shannon that recipients of a token get for the room of their cells.</summary>
    public UInt128 CapacityMax { get; init; } = UInt128.MaxValue;
}

/// <summary>Who is paid now by one transaction, and who is not although it would be their turn.</summary>
internal sealed class ChainChoice
{
    /// <summary>The most withdrawals in one transaction.</summary>
    public const int RecipientsMax = 20;

    // Longer than this nobody is passed by others that are smaller.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly Asset _asset;

    private ChainChoice(Asset asset) => (_asset, Missing) = (asset, new(asset, 0));

    public List<QueuedPayout> Chosen { get; } = [];

    public List<QueuedPayout> Uncovered { get; } = [];

    /// <summary>Null when nobody is paid.</summary>
    public UnsignedTransfer? Transfer { get; private set; }

    /// <summary>How much is missing at least for the largest that is not covered: of the token, or of coins.</summary>
    public Amount Missing { get; private set; }

    /// <summary>Whether the first that is not covered lacks nothing but the room that may be given to recipients of tokens.</summary>
    public bool LacksRoom { get; private set; }

    /// <summary>Whether one has waited for so long that nothing more is paid before it.</summary>
    public bool IsHeldUp { get; private set; }

    /// <summary>
    /// In their order, leaving out those of whom even the first does not fit: of a community whose next one is too large nothing passes it,
    /// and other communities go on. One that has waited long holds up all that come after it, so that it is covered some day.
    /// </summary>
    /// <param name="asset">Of all that waits.</param>
    /// <param name="queue">What waits, in its order.</param>
    /// <param name="payments">The payment of each.</param>
    /// <param name="terms">What the transaction may be made of.</param>
    /// <param name="now">As of when.</param>
    public static ChainChoice Of(
        Asset asset, IReadOnlyList<QueuedPayout> queue, Func<QueuedPayout, Payment> payments, ChoiceTerms terms, DateTimeOffset now)
    {
        var choice = new ChainChoice(asset);
        var chosen = ImmutableArray<Payment>.Empty;
        var stuck = new HashSet<string>(StringComparer.Ordinal);
        foreach (var next in queue)
        {
            if (choice.Chosen.Count == RecipientsMax)
            {
                break;
            }

            if (choice.IsHeldUp || stuck.Contains(next.Tenant))
            {
                choice.Uncovered.Add(next);
                continue;
            }

            var together = chosen.Add(payments(next));
            var plan = TransferPlanner.Plan(new(terms.Wallet, together, terms.Fee), terms.Cells, terms.Reserved, terms.Chain);
            if (plan is TransferPlan.Planned { Transfer: var transfer })
            {
                if (transfer.CapacityWithTokens > terms.CapacityMax && !chosen.IsEmpty)
                {
                    // It lacks nothing but a transaction of its own.
                    break;
                }

                if (CoinsLacking(transfer, terms) == 0)
                {
                    (chosen, choice.Transfer) = (together, transfer);
                    choice.Chosen.Add(next);
                    continue;
                }
            }

            choice.LeaveOut(next, plan, terms);
            stuck.Add(next.Tenant);
            choice.IsHeldUp = now - next.RequestedAt > Patience;
        }

        return choice;
    }

    private void LeaveOut(QueuedPayout next, TransferPlan plan, ChoiceTerms terms)
    {
        var missing = plan switch
        {
            TransferPlan.Planned { Transfer: var transfer } => new(Asset.Ckb, CoinsLacking(transfer, terms)),
            TransferPlan.Refused { Udt: not null } refused => new(_asset, UInt128.Min(refused.Missing, Amount.UnitsMax)),
            TransferPlan.Refused refused => new Amount(Asset.Ckb, refused.Missing),
            _ => throw new UnreachableException("A plan is made or refused."),
        };
        Uncovered.Add(next);
        LacksRoom |= Uncovered.Count == 1
            && plan is TransferPlan.Planned { Transfer: var planned }
            && planned.CapacityWithTokens > terms.CapacityMax;
        if (Uncovered.Count == 1 || (missing.Asset == Missing.Asset && missing.Units > Missing.Units))
        {
            Missing = missing;
        }
    }

    /// <summary>How many shannon it uses up beyond what it may.</summary>
    private static UInt128 CoinsLacking(UnsignedTransfer transfer, ChoiceTerms terms)
    {
        var spent = Sum(transfer.Spent.Select(c => c.Output));
        var left = Sum(transfer.Change);
        var used = spent > left ? spent - left : 0;
        return UInt128.Max(
            terms.CoinsMax is { } most && used > most ? used - most : 0,
            transfer.CapacityWithTokens > terms.CapacityMax ? transfer.CapacityWithTokens - terms.CapacityMax : 0);
    }

    private static UInt128 Sum(IEnumerable<CellOutput> outputs) =>
        outputs.Where(o => o.Type is null).Aggregate(UInt128.Zero, (sum, o) => sum + o.Capacity);
}
