using System.Diagnostics;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;

using Decision = FiberLink.Domain.Decision<
    FiberLink.Events.Adjustments.AdjustmentEvent, FiberLink.Domain.Adjustments.AdjustmentRefusal>;

namespace FiberLink.Domain.Adjustments;

/// <summary>All rules about one adjustment. Pure: the same command in the same state is always answered alike.</summary>
public static class AdjustmentDecider
{
    /// <summary>How long somebody has for agreeing.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromDays(30);

    public static Decision Decide(AdjustmentCommand command, AdjustmentState state) =>
        (command, state) switch
        {
            (AdjustmentCommand.Request c, AdjustmentState.Unknown) => Request(c),

            // A retry repeats its words. The same id with other words is a mistake to point out.
            (AdjustmentCommand.Request c, AdjustmentState.Known { Terms: var t }) =>
                (c.From, c.To, c.Amount, c.By) == (t.From, t.To, t.Amount, t.By)
                    ? NothingNew
                    : Refuse(AdjustmentRefusal.ExistsWithOtherTerms),

            (_, AdjustmentState.Unknown) => Refuse(AdjustmentRefusal.AdjustmentIsUnknown),

            (AdjustmentCommand.Approve c, AdjustmentState.Requested { Terms: var t }) =>
                Objection(c, t.By, t.RequestedAt) is { } why
                    ? Refuse(why)
                    : Accept(new AdjustmentEvent.Posted(t.AdjustmentId, c.By, c.Reason, Entry(t.Amount, t.From, t.To), c.Now)),
            (AdjustmentCommand.Approve c, AdjustmentState.ReversalRequested { Terms: var t } s) =>
                Objection(c, s.By, s.RequestedAt) is { } why
                    ? Refuse(why)
                    : Accept(new AdjustmentEvent.Reversed(t.AdjustmentId, c.By, c.Reason, Entry(t.Amount, t.To, t.From), c.Now)),
            (AdjustmentCommand.Approve, AdjustmentState.Cancelled) => Refuse(AdjustmentRefusal.IsOver),
            (AdjustmentCommand.Approve, AdjustmentState.Posted or AdjustmentState.Reversed) => NothingNew,

            (AdjustmentCommand.Cancel c, AdjustmentState.Requested { Terms: var t }) =>
                Accept(new AdjustmentEvent.Cancelled(t.AdjustmentId, c.By, c.Reason, c.Now)),
            (AdjustmentCommand.Cancel c, AdjustmentState.ReversalRequested { Terms: var t }) =>
                Accept(new AdjustmentEvent.ReversalCancelled(t.AdjustmentId, c.By, c.Reason, c.Now)),
            (AdjustmentCommand.Cancel, AdjustmentState.Cancelled) => NothingNew,
            (AdjustmentCommand.Cancel, AdjustmentState.Posted) => Refuse(AdjustmentRefusal.IsPosted),
            (AdjustmentCommand.Cancel, AdjustmentState.Reversed) => Refuse(AdjustmentRefusal.IsOver),

            (AdjustmentCommand.RequestReversal c, AdjustmentState.Posted { Terms: var t }) =>
                Accept(new AdjustmentEvent.ReversalRequested(t.AdjustmentId, c.By, c.Reason, c.Now)),
            (AdjustmentCommand.RequestReversal, AdjustmentState.ReversalRequested) => NothingNew,
            (AdjustmentCommand.RequestReversal, AdjustmentState.Requested) => Refuse(AdjustmentRefusal.IsNotPosted),
            (AdjustmentCommand.RequestReversal, AdjustmentState.Reversed or AdjustmentState.Cancelled) =>
                Refuse(AdjustmentRefusal.IsOver),

            _ => throw new UnreachableException($"{command.GetType().Name} when the adjustment is {state.GetType().Name}."),
        };

    /// <summary>
    /// Whether an account is one that people may correct. The others are kept by what happens: by open withdrawals, by what is under way,
    /// by what is seen of the hub's money, or against other communities.
    /// </summary>
    public static bool IsAdjustable(Account account) =>
        account is Account.MemberAvailable or Account.PlatformFees or Account.NetworkFees or Account.Suspense or Account.HubCapital;

    private static Decision Request(AdjustmentCommand.Request c) =>
        !Fits(c.From) || !Fits(c.To) ? Refuse(AdjustmentRefusal.AccountNotAdjustable)
        : c.From == c.To ? Refuse(AdjustmentRefusal.MovesNothing)
        : c.Amount.Units == 0 || c.Amount.Units > Amount.UnitsMax ? Refuse(AdjustmentRefusal.AmountDoesNotFit)
        : Accept(new AdjustmentEvent.Requested(c.AdjustmentId, c.From, c.To, c.Amount, c.By, c.Reason, c.Now));

    private static bool Fits(AccountName name) =>
        IsAdjustable(name.Account) && Posting.BelongsToMember(name.Account) == name.Member is { Length: > 0 };

    private static AdjustmentRefusal? Objection(AdjustmentCommand.Approve c, string requester, DateTimeOffset requestedAt) =>
        OperatorWords.IsSamePerson(c.By, requester) ? AdjustmentRefusal.ApproverIsRequester
        : c.Now - requestedAt > WaitMax ? AdjustmentRefusal.IsTooOld
        : null;

    private static JournalEntry Entry(Amount amount, AccountName from, AccountName to) =>
        JournalEntry.Move(amount, (from.Account, from.Member), (to.Account, to.Member));

    private static Decision.Accepted NothingNew { get; } = new([]);

    private static Decision.Accepted Accept(AdjustmentEvent @event) => new([@event]);

    private static Decision.Refused Refuse(AdjustmentRefusal reason) => new(reason);
}
