using FiberLink.Domain.Adjustments;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.Adjustments;
using FiberLink.Projections.Communities;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rpc;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Adjustments.AdjustmentState, FiberLink.Domain.Adjustments.AdjustmentRefusal>;

namespace FiberLink.Service.Adjustments;

/// <summary>
/// Corrections of a community's books by hand. One person asks, another agrees, and the agreement is the commit that posts it; what is
/// posted is taken back by its opposite, once, and by two persons again.
/// </summary>
public sealed class AdjustmentAdministration
{
    private static readonly Folding<AdjustmentState, AdjustmentEvent> Folding = new(AdjustmentState.Initial, AdjustmentState.Evolve);

    private readonly CommandHandler _commands;
    private readonly CommunitiesQuery _communities;
    private readonly AccountBalancesQuery _balances;
    private readonly AdjustmentsQuery _adjustments;
    private readonly IEventStore _store;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal AdjustmentAdministration(
        CommandHandler commands,
        CommunitiesQuery communities,
        AccountBalancesQuery balances,
        AdjustmentsQuery adjustments,
        IEventStore store,
        Ids ids,
        TimeProvider time) =>
        (_commands, _communities, _balances, _adjustments, _store, _ids, _time) =
            (commands, communities, balances, adjustments, store, ids, time);

    /// <summary>Asks for an amount to be moved from one account to another; another person must agree.</summary>
    /// <param name="app">The community.</param>
    /// <param name="from">The account that is to have less.</param>
    /// <param name="to">The account that is to have more.</param>
    /// <param name="amount">How much.</param>
    /// <param name="isNewMember">The books need not know the member who is to get it.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public Task<AdjustmentAnswer> RequestAsync(
        string app, AccountName from, AccountName to, Amount amount, bool isNewMember, string by, string reason, CancellationToken ct) =>
        RequestAsync(_ids.Next(), app, from, to, amount, isNewMember, by, reason, ct);

    /// <summary>As above, under an id of the caller's: the same one is asked for once.</summary>
    internal async Task<AdjustmentAnswer> RequestAsync(
        Guid id,
        string app,
        AccountName from,
        AccountName to,
        Amount amount,
        bool isNewMember,
        string by,
        string reason,
        CancellationToken ct)
    {
        if (await _communities.FindAsync(app, ct) is null)
        {
            return new AdjustmentAnswer.Refused($"There is no community '{app}'.");
        }

        if (from.Member is { } payer && await AvailableAsync(app, payer, amount.Asset, ct) < (Int128)amount.Units)
        {
            return NotCovered(payer);
        }

        // A name that is mistyped would make an account that nobody ever sees.
        if (to.Member is { } member && !isNewMember && (await _balances.OfMemberAsync(app, member, ct)).Count == 0)
        {
            return new AdjustmentAnswer.Refused(
                $"The books of {app} do not know member '{member}'. Is the name right? --new-member opens the account.");
        }

        return await DecideAsync(app, id, new AdjustmentCommand.Request(id, from, to, amount, by, reason, _time.GetUtcNow()), ct);
    }

    /// <summary>Agrees to an adjustment or to its reversal; whoever asked for it cannot. The books have it from now on.</summary>
    public Task<AdjustmentAnswer> ApproveAsync(Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(id, new AdjustmentCommand.Approve(by, reason, _time.GetUtcNow()), ct);

    /// <summary>Calls off an adjustment, or its reversal, that nobody has agreed to.</summary>
    public Task<AdjustmentAnswer> CancelAsync(Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(id, new AdjustmentCommand.Cancel(by, reason, _time.GetUtcNow()), ct);

    /// <summary>Asks for an adjustment to be taken back; another person must agree.</summary>
    public Task<AdjustmentAnswer> ReverseAsync(Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(id, new AdjustmentCommand.RequestReversal(by, reason, _time.GetUtcNow()), ct);

    /// <returns>Null when there is none.</returns>
    public async Task<AdjustmentReport?> FindAsync(Guid id, CancellationToken ct) =>
        await _adjustments.FindAsync(id, ct) is { } row
            ? new(row, (await _store.ReadStreamAsync(StreamOf(row.Tenant, id), ct)).Events)
            : null;

    private static StreamId StreamOf(string app, Guid id) => new(app, $"adjustment-{id:N}");

    private async Task<Int128> AvailableAsync(string app, string member, Asset asset, CancellationToken ct) =>
        (await _balances.OfMemberAsync(app, member, ct))
            .SingleOrDefault(b => b.Account is Account.MemberAvailable && b.Asset == asset)?.Units ?? 0;

    private async Task<AdjustmentAnswer> DecideAsync(Guid id, AdjustmentCommand command, CancellationToken ct) =>
        await _adjustments.FindAsync(id, ct) is { } row
            ? await DecideAsync(row.Tenant, id, command, ct)
            : new AdjustmentAnswer.Refused($"There is no adjustment {id}.");

    private async Task<AdjustmentAnswer> DecideAsync(string app, Guid id, AdjustmentCommand command, CancellationToken ct)
    {
        if (OperatorWords.Objection(command.By, command.Reason) is { } unsaid)
        {
            return new AdjustmentAnswer.Refused(UnsaidTexts.Of(unsaid));
        }

        var handled = await _commands.HandleAsync(
            StreamOf(app, id),
            Folding,
            state => AdjustmentDecider.Decide(command, state),
            (_, _) => Attachments.None,
            new(null, null, $"operator:{command.By}"),
            isNew: command is AdjustmentCommand.Request,
            ct);
        return handled switch
        {
            Handled.Accepted accepted => new AdjustmentAnswer.Done(id, accepted.Events.Count > 0),
            Handled.Refused refused => new AdjustmentAnswer.Refused(WhyOf(refused.Reason, refused.State)),

            // The members may have spent it since it was asked for.
            Handled.ConstraintBroken { Constraint: AccountBalancesProjection.NotNegative } => NotCovered(null),
            _ => throw new InvalidOperationException($"A decision about an adjustment cannot end in {handled.GetType().Name}."),
        };
    }

    private static AdjustmentAnswer.Refused NotCovered(string? member) =>
        new($"{(member is null ? "The member" : $"Member '{member}'")} does not have as much to spend, and no balance goes below zero.");

    private static string WhyOf(AdjustmentRefusal refusal, AdjustmentState state) =>
        refusal switch
        {
            AdjustmentRefusal.AccountNotAdjustable =>
                "One of the accounts is not for people to correct: it is kept by withdrawals, payments or what is seen of the hub's money. "
                + $"There are member:ID (1 to {ParamRules.IdLengthMax} characters), suspense, platform-fees, network-fees and capital.",
            AdjustmentRefusal.MovesNothing => "Both accounts are the same.",
            AdjustmentRefusal.AmountDoesNotFit => "The amount is nothing, or more than there can be.",
            AdjustmentRefusal.ApproverIsRequester =>
                $"{RequesterOf(state)} has asked for it, and whoever asks cannot agree to it. Another person must.",
            AdjustmentRefusal.IsTooOld =>
                $"It was asked for more than {AdjustmentDecider.WaitMax.TotalDays} days ago. Cancel it, and ask anew if it is still right.",
            AdjustmentRefusal.IsNotPosted => "It is not in the books: cancel it.",
            AdjustmentRefusal.IsPosted => "It is in the books: only its opposite takes it back ('adjust reverse').",
            AdjustmentRefusal.IsOver => $"It is over: {state.GetType().Name}.",
            _ => $"{refusal}.",
        };

    private static string RequesterOf(AdjustmentState state) =>
        state is AdjustmentState.ReversalRequested reversal ? reversal.By : ((AdjustmentState.Known)state).Terms.By;
}
