using FiberLink.Domain.Treasury;
using FiberLink.Events;
using FiberLink.Events.Treasury;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;
using FiberLink.Service.Startup;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Treasury.MovementState, FiberLink.Domain.Treasury.MovementRefusal>;

namespace FiberLink.Service.Treasury;

/// <summary>Commands on movements, with what belongs into the same commit: above all the message that sees to the next step.</summary>
internal sealed partial class MovementCommands(
    CommandHandler commands, AssetSettings assets, TimeProvider time, ILogger<MovementCommands> logger)
{
    /// <summary>How long somebody has for agreeing, and the wallet and the budget for covering it.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromDays(7);

    public static Folding<MovementState, MovementEvent> Folding { get; } = new(MovementState.Initial, MovementState.Evolve);

    public static StreamId StreamOf(Guid movementId) => new(Tenants.Hub, $"movement-{movementId:N}");

    /// <summary>The state, and how many events made it.</summary>
    public Task<StreamState<MovementState>> LoadAsync(Guid movementId, CancellationToken ct) =>
        commands.LoadWithVersionAsync(StreamOf(movementId), Folding, ct);

    /// <summary>Applies a command, and whatever rows the caller wants in the same commit.</summary>
    /// <param name="movementId">The movement.</param>
    /// <param name="command">What is asked of it.</param>
    /// <param name="rows">Committed whatever comes of it.</param>
    /// <param name="whenNew">Committed where there are events.</param>
    /// <param name="whenNothingNew">Committed where there are none: somebody must look again all the same.</param>
    /// <param name="context">Who stands behind it.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<Handled> ApplyAsync(
        Guid movementId,
        MovementCommand command,
        IReadOnlyList<CommitRow> rows,
        IReadOnlyList<CommitRow> whenNew,
        IReadOnlyList<CommitRow> whenNothingNew,
        CommandContext context,
        CancellationToken ct)
    {
        var handled = await commands.HandleVersionAsync(
            StreamOf(movementId),
            Folding,
            state => MovementDecider.Decide(command, state),
            (past, events) => events.Count == 0
                ? new Attachments { Rows = [.. rows, .. whenNothingNew] }
                : Attach(movementId, past, events, [.. rows, .. whenNew], context),
            context,
            isNew: command is MovementCommand.RequestSweep or MovementCommand.RequestBooking or MovementCommand.RequestOpening
                or MovementCommand.RequestClosing,
            ct);
        if (handled is Handled.Accepted accepted)
        {
            foreach (var @event in accepted.Events)
            {
                Tell((MovementEvent)@event.Body);
            }
        }

        return handled;
    }

    private Attachments Attach(
        Guid movementId,
        StreamState<MovementState> past,
        IReadOnlyList<MovementEvent> events,
        IReadOnlyList<CommitRow> rows,
        CommandContext context) =>
        new()
        {
            Rows = NextDue(events.Aggregate(past.State, MovementState.Evolve), time.GetUtcNow()) is { } due
                ? [.. rows, AdvanceMovement.For(movementId, past.Version + events.Count, due, context.CorrelationId)]
                : rows,
        };

    /// <summary>When the next step is to be looked at; null when there is none.</summary>
    private static DateTimeOffset? NextDue(MovementState state, DateTimeOffset now) =>
        state switch
        {
            MovementState.Requested s => s.Terms.RequestedAt + WaitMax,
            MovementState.Approved { NotBefore: { } time } when time > now => time,
            MovementState.Approved or MovementState.UnderWay or MovementState.Completed { IsFinal: false } or MovementState.Lost => now,
            _ => null,
        };

    private void Tell(MovementEvent @event)
    {
        switch (@event)
        {
            case MovementEvent.SweepRequested e:
                LogRequested(e.MovementId, e.By, assets.Format(e.Amount), e.Amount.Asset.Code, e.To, e.Reason);
                break;
            case MovementEvent.OpeningRequested e:
                LogOpeningRequested(e.MovementId, e.By, assets.Format(e.Amount), e.Amount.Asset.Code, e.Peer, e.Reason);
                break;
            case MovementEvent.ClosingRequested e:
                LogClosingRequested(e.MovementId, e.By, e.ChannelId, e.Reason);
                break;
            case MovementEvent.FundingPrepared e:
                LogPrepared(e.MovementId, e.Transaction.Hash);
                break;
            case MovementEvent.ClosePrepared e:
                LogClosePrepared(e.MovementId, e.ChannelId);
                break;
            case MovementEvent.Booked e:
                LogBooked(e.MovementId);
                break;
            case MovementEvent.Prepared e:
                LogPrepared(e.MovementId, e.Transaction.Hash);
                break;
            case MovementEvent.TokenPrepared e:
                LogPrepared(e.MovementId, e.Transaction.Hash);
                break;
            case MovementEvent.Completed e:
                LogCompleted(e.MovementId, e.Evidence);
                break;
            case MovementEvent.AttemptFailed e:
                LogAttemptFailed(e.MovementId, e.Attempt, e.Detail);
                break;
            case MovementEvent.TakenBack e:
                LogTakenBack(e.MovementId, e.BlockHash);
                break;
            case MovementEvent.Lost e:
                LogLost(e.MovementId, assets.Format(e.Amount), e.Amount.Asset.Code, e.Detail);
                break;
            case MovementEvent.ArrivedAfterLoss e:
                LogArrivedAfterLoss(e.MovementId, assets.Format(e.Amount), e.Amount.Asset.Code, e.Evidence);
                break;
            case MovementEvent.Failed e:
                LogFailed(e.MovementId, e.Reason, e.Detail);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(2700, LogLevel.Warning, "{By} asks to sweep {Amount} {Asset} to {To} ({MovementId}): {Reason}. Another must agree")]
    private partial void LogRequested(Guid movementId, string by, string amount, string asset, string to, string reason);

    [LoggerMessage(2707, LogLevel.Warning,
        "{By} asks to put {Amount} {Asset} into a channel with {Peer} ({MovementId}): {Reason}. Another must agree")]
    private partial void LogOpeningRequested(Guid movementId, string by, string amount, string asset, string peer, string reason);

    [LoggerMessage(2708, LogLevel.Warning, "{By} asks to close channel {ChannelId} ({MovementId}): {Reason}. Another must agree")]
    private partial void LogClosingRequested(Guid movementId, string by, string channelId, string reason);

    [LoggerMessage(2709, LogLevel.Information, "Channel {ChannelId} is to be closed ({MovementId})")]
    private partial void LogClosePrepared(Guid movementId, string channelId);

    [LoggerMessage(2701, LogLevel.Warning, "Booking {MovementId} is in the books: capital was put in or taken out")]
    private partial void LogBooked(Guid movementId);

    [LoggerMessage(2702, LogLevel.Information, "Movement {MovementId} is to be sent: {Hash}")]
    private partial void LogPrepared(Guid movementId, string hash);

    [LoggerMessage(2703, LogLevel.Information, "Movement {MovementId} has arrived: {Evidence}")]
    private partial void LogCompleted(Guid movementId, string evidence);

    [LoggerMessage(2704, LogLevel.Warning, "Attempt {Attempt} of movement {MovementId} has failed for certain: {Detail}")]
    private partial void LogAttemptFailed(Guid movementId, int attempt, string detail);

    [LoggerMessage(2705, LogLevel.Error,
        "A reorganisation took back the block {BlockHash} of movement {MovementId}; the same transaction is sent again")]
    private partial void LogTakenBack(Guid movementId, string blockHash);

    [LoggerMessage(2706, LogLevel.Error, "Movement {MovementId} will not be done ({Reason}): {Detail}")]
    private partial void LogFailed(Guid movementId, MovementFailure reason, string detail);

    // Nobody upstream can put these right, so they must reach an operator.
    [LoggerMessage(2711, LogLevel.Critical,
        "Movement {MovementId} of {Amount} {Asset} was complete, and a reorganisation has undone it for good: {Detail}. "
        + "The books have all of it where it was before")]
    private partial void LogLost(Guid movementId, string amount, string asset, string detail);

    [LoggerMessage(2712, LogLevel.Critical,
        "Movement {MovementId} was lost, and {Amount} {Asset} have arrived all the same ({Evidence}). The books have them there again")]
    private partial void LogArrivedAfterLoss(Guid movementId, string amount, string asset, string evidence);
}
