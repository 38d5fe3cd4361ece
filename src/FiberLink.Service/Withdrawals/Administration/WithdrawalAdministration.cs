using FiberLink.Domain;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Withdrawals.WithdrawalState, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals.Administration;

/// <summary>
/// What operators decide about single withdrawals. Each decision leaves a message behind in its commit, so that whichever service node
/// runs goes on from it: this process need not.
/// </summary>
public sealed class WithdrawalAdministration
{
    private readonly WithdrawalCommands _withdrawals;
    private readonly WithdrawalsQuery _rows;
    private readonly TimeProvider _time;

    internal WithdrawalAdministration(WithdrawalCommands withdrawals, WithdrawalsQuery rows, TimeProvider time) =>
        (_withdrawals, _rows, _time) = (withdrawals, rows, time);

    /// <summary>Agrees to one that is above the threshold; whoever asked for it cannot.</summary>
    /// <param name="app">Its community; null for any.</param>
    /// <param name="id">Which.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public Task<OperatorAnswer> ApproveAsync(string? app, Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(app, id, new WithdrawalCommand.Approve(by, reason, _time.GetUtcNow()), "approved", _ => null, ct);

    /// <summary>Has nothing sent for it until it is released; the money stays held.</summary>
    /// <inheritdoc cref="ApproveAsync"/>
    public Task<OperatorAnswer> HoldAsync(string? app, Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(app, id, new WithdrawalCommand.HoldBack(by, reason, _time.GetUtcNow()), "held back", _ => null, ct);

    /// <summary>Lets it go on at once: ends a hold, and whatever time it waits for.</summary>
    /// <inheritdoc cref="ApproveAsync"/>
    public Task<OperatorAnswer> ReleaseAsync(string? app, Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(app, id, new WithdrawalCommand.Release(by, reason, _time.GetUtcNow()), "released", _ => null, ct);

    /// <summary>Calls it off, as long as nothing was sent; the member has the money again.</summary>
    /// <inheritdoc cref="ApproveAsync"/>
    public Task<OperatorAnswer> CancelAsync(string? app, Guid id, string by, string reason, CancellationToken ct) =>
        DecideAsync(app, id, new WithdrawalCommand.Cancel(by, reason, _time.GetUtcNow()), "cancelled", _ => null, ct);

    /// <summary>Ends the pause between two attempts, and nothing else.</summary>
    /// <inheritdoc cref="ApproveAsync"/>
    public Task<OperatorAnswer> RetryAsync(string? app, Guid id, string by, string reason, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        return DecideAsync(
            app, id, new WithdrawalCommand.Release(by, reason, now), "retried", state => WithdrawalRetry.Objection(state, now), ct);
    }

    private async Task<OperatorAnswer> DecideAsync(
        string? app,
        Guid id,
        WithdrawalCommand.Decision command,
        string done,
        Func<WithdrawalState, WithdrawalRefusal?> objection,
        CancellationToken ct)
    {
        if (OperatorWords.Objection(command.By, command.Reason) is { } unsaid)
        {
            return new OperatorAnswer.Refused(UnsaidTexts.Of(unsaid));
        }

        if (await _rows.FindAsync(app, id, ct) is not { } row)
        {
            return new OperatorAnswer.Refused($"There is no withdrawal {id}{(app is null ? "" : $" in {app}")}.");
        }

        var handled = await _withdrawals.DecideAsync(
            row.Tenant,
            id,
            state => objection(state) is { } refusal
                ? new Decision<WithdrawalEvent, WithdrawalRefusal>.Refused(refusal)
                : WithdrawalDecider.Decide(command, state),
            [],
            [],
            new CommandContext(null, null, $"operator:{command.By}"),
            ct);
        return handled switch
        {
            Handled.Accepted accepted => new OperatorAnswer.Done(accepted.Events.Count > 0),
            Handled.Refused refused => new OperatorAnswer.Refused(
                OperatorTexts.Of(refused.Reason, (WithdrawalState.Known)refused.State, done, _time.GetUtcNow())),
            _ => throw new InvalidOperationException($"A decision about a withdrawal cannot end in {handled.GetType().Name}."),
        };
    }
}
