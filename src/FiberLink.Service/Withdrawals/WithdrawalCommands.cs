using FiberLink.Domain;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Withdrawals.WithdrawalState, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals;

/// <summary>Commands on withdrawals, with what belongs into the same commit: above all the message that sees to the next step.</summary>
internal sealed partial class WithdrawalCommands(CommandHandler commands, TimeProvider time, ILogger<WithdrawalCommands> logger)
{
    /// <summary>The scope in which a member's wish is claimed for one withdrawal.</summary>
    public const string RepeatScope = "withdrawal.request";

    public static Folding<WithdrawalState, WithdrawalEvent> Folding { get; } = new(WithdrawalState.Initial, WithdrawalState.Evolve);

    public static StreamId StreamOf(string tenant, Guid withdrawalId) => new(tenant, $"withdrawal-{withdrawalId:N}");

    public async Task<WithdrawalState> LoadAsync(string tenant, Guid withdrawalId, CancellationToken ct) =>
        (await LoadWithVersionAsync(tenant, withdrawalId, ct)).State;

    /// <summary>The state, and how many events made it.</summary>
    public Task<StreamState<WithdrawalState>> LoadWithVersionAsync(string tenant, Guid withdrawalId, CancellationToken ct) =>
        commands.LoadWithVersionAsync(StreamOf(tenant, withdrawalId), Folding, ct);

    /// <summary>Requests a withdrawal: the hold, what makes sure of it, the claim on the wish, the message that begins to pay.</summary>
    public Task<Handled> RequestAsync(
        string tenant,
        WithdrawalCommand.Request command,
        IReadOnlyList<Claim> claims,
        AdmissionRow admission,
        CommandContext context,
        CancellationToken ct) =>
        commands.HandleVersionAsync(
            StreamOf(tenant, command.WithdrawalId),
            Folding,
            state => WithdrawalDecider.Decide(command, state),
            (past, events) => events.Count == 0
                ? Attachments.None
                : Attach(tenant, command.WithdrawalId, past, events, [admission], context) with { Claims = claims },
            context,
            isNew: true,
            ct);

    /// <summary>Applies a command, and whatever rows the caller wants in the same commit.</summary>
    public Task<Handled> ApplyAsync(
        string tenant,
        Guid withdrawalId,
        WithdrawalCommand command,
        IReadOnlyList<CommitRow> rows,
        CommandContext context,
        CancellationToken ct) =>
        ApplyAsync(tenant, withdrawalId, command, rows, [], context, ct);

    /// <summary>As above, with other rows for when there is nothing new: somebody must look again all the same.</summary>
    public Task<Handled> ApplyAsync(
        string tenant,
        Guid withdrawalId,
        WithdrawalCommand command,
        IReadOnlyList<CommitRow> rows,
        IReadOnlyList<CommitRow> whenNothingNew,
        CommandContext context,
        CancellationToken ct) =>
        DecideAsync(tenant, withdrawalId, state => WithdrawalDecider.Decide(command, state), rows, whenNothingNew, context, ct);

    /// <summary>For who asks more of the state than a command does.</summary>
    public async Task<Handled> DecideAsync(
        string tenant,
        Guid withdrawalId,
        Func<WithdrawalState, Decision<WithdrawalEvent, WithdrawalRefusal>> decide,
        IReadOnlyList<CommitRow> rows,
        IReadOnlyList<CommitRow> whenNothingNew,
        CommandContext context,
        CancellationToken ct)
    {
        var handled = await commands.HandleVersionAsync(
            StreamOf(tenant, withdrawalId),
            Folding,
            decide,
            (past, events) =>
                Attach(tenant, withdrawalId, past, events, events.Count == 0 ? [.. rows, .. whenNothingNew] : rows, context),
            context,
            isNew: false,
            ct);
        if (handled is Handled.Accepted accepted)
        {
            foreach (var @event in accepted.Events)
            {
                Tell(tenant, (WithdrawalEvent)@event.Body);
            }
        }

        return handled;
    }

    /// <summary>What commits with events of a withdrawal, whoever appends them.</summary>
    public Attachments Attach(
        string tenant,
        Guid withdrawalId,
        StreamState<WithdrawalState> past,
        IReadOnlyList<WithdrawalEvent> events,
        IReadOnlyList<CommitRow> rows,
        CommandContext context)
    {
        var after = events.Aggregate(past.State, WithdrawalState.Evolve);
        return new Attachments
        {
            // Whoever's withdrawal came to nothing may ask for the same again at once.
            Releases = after is WithdrawalState.Failed or WithdrawalState.Cancelled or WithdrawalState.Lost && events.Count > 0
                ? [new(tenant, RepeatScope, withdrawalId.ToString("N"))]
                : [],
            Rows = events.Count > 0 && NextDue(after, time.GetUtcNow()) is { } due
                ? [.. rows, AdvanceWithdrawal.For(tenant, withdrawalId, past.Version + events.Count, due, context.CorrelationId)]
                : rows,
        };
    }

    /// <summary>When the next step is to be looked at; null when there is none.</summary>
    private static DateTimeOffset? NextDue(WithdrawalState state, DateTimeOffset now) =>
        state switch
        {
            WithdrawalState.Queued { HeldBackAt: { } since } => since + WithdrawalDecider.HeldBackMax,
            WithdrawalState.Queued { NotBefore: { } time } when time > now => time,
            WithdrawalState.Completed { IsFinal: true, HasUsd: true } => null,
            WithdrawalState.Completed or WithdrawalState.Queued or WithdrawalState.UnderWay or WithdrawalState.Lost => now,
            _ => null,
        };

    /// <summary>Logs what an operator or an auditor looks for.</summary>
    public void Tell(string tenant, WithdrawalEvent @event)
    {
        switch (@event)
        {
            case WithdrawalEvent.Completed e:
                LogCompleted(tenant, e.WithdrawalId, e.Evidence);
                break;
            case WithdrawalEvent.Transferred e:
                LogTransferred(tenant, e.WithdrawalId, e.PaymentHash);
                break;
            case WithdrawalEvent.AttemptFailed e:
                LogAttemptFailed(tenant, e.WithdrawalId, e.Attempt, e.Detail);
                break;
            case WithdrawalEvent.Failed e:
                LogFailed(tenant, e.WithdrawalId, e.Reason, e.Detail);
                break;
            case WithdrawalEvent.LiquidityAwaited e:
                LogNoLiquidity(tenant, e.WithdrawalId, e.Missing.Asset.Code, e.Missing.Units.ToString());
                break;
            case WithdrawalEvent.TakenBack e:
                LogTakenBack(tenant, e.WithdrawalId, e.BlockHash);
                break;
            case WithdrawalEvent.Lost e:
                LogLost(tenant, e.WithdrawalId, e.Detail);
                WithdrawalTelemetry.CountLost(tenant);
                break;
            case WithdrawalEvent.PaidAfterFailure e:
                WithdrawalTelemetry.CountPaidAfterFailure(tenant);
                LogPaidAfterFailure(tenant, e.WithdrawalId, e.Evidence);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(2500, LogLevel.Information, "Withdrawal {WithdrawalId} of {App} is complete: {Evidence}")]
    private partial void LogCompleted(string app, Guid withdrawalId, string evidence);

    [LoggerMessage(2506, LogLevel.Information, "Withdrawal {WithdrawalId} of {App} has paid the tip {PaymentHash} within the hub")]
    private partial void LogTransferred(string app, Guid withdrawalId, string paymentHash);

    [LoggerMessage(2501, LogLevel.Warning, "Attempt {Attempt} of withdrawal {WithdrawalId} of {App} has failed for certain: {Detail}")]
    private partial void LogAttemptFailed(string app, Guid withdrawalId, int attempt, string detail);

    [LoggerMessage(2502, LogLevel.Error, "Withdrawal {WithdrawalId} of {App} has failed ({Reason}): {Detail}. The member has the money")]
    private partial void LogFailed(string app, Guid withdrawalId, WithdrawalFailure reason, string detail);

    [LoggerMessage(2503, LogLevel.Warning, "Withdrawal {WithdrawalId} of {App} waits for liquidity: {Units} units of {Asset} are missing")]
    private partial void LogNoLiquidity(string app, Guid withdrawalId, string asset, string units);

    [LoggerMessage(2504, LogLevel.Error,
        "A reorganisation took back the block {BlockHash} that paid withdrawal {WithdrawalId} of {App}; "
        + "the same transaction is sent again")]
    private partial void LogTakenBack(string app, Guid withdrawalId, string blockHash);

    // Nobody upstream can put this right, so it must reach an operator.
    [LoggerMessage(2505, LogLevel.Critical,
        "Withdrawal {WithdrawalId} of {App} had failed, or was lost, and was paid all the same ({Evidence}). "
        + "What left the hub was taken out of suspense")]
    private partial void LogPaidAfterFailure(string app, Guid withdrawalId, string evidence);

    [LoggerMessage(2507, LogLevel.Critical,
        "Withdrawal {WithdrawalId} of {App} was complete, and a reorganisation has undone it for good: {Detail}. "
        + "The recipient has nothing of it; what the member gave is in suspense")]
    private partial void LogLost(string app, Guid withdrawalId, string detail);
}
