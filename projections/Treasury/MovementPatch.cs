using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.EventStore;

namespace FiberLink.Projections.Treasury;

/// <summary>A movement as it was asked for.</summary>
internal sealed record RequestedMovement(
    Guid MovementId,
    MovementKind Kind,
    Amount Amount,
    string? To,
    HubPlace? Place,
    BookingWay? Way,
    string By,
    string Reason,
    DateTimeOffset At)
{
    /// <returns>Null for every other event.</returns>
    public static RequestedMovement? Of(object body) =>
        body switch
        {
            MovementEvent.SweepRequested e =>
                new(e.MovementId, MovementKind.Sweep, e.Amount, e.To, null, null, e.By, e.Reason, e.RequestedAt),
            MovementEvent.BookingRequested e =>
                new(e.MovementId, MovementKind.Booking, e.Amount, null, e.Place, e.Way, e.By, e.Reason, e.RequestedAt),
            MovementEvent.OpeningRequested e =>
                new(e.MovementId, MovementKind.ToChannel, e.Amount, e.Peer, null, null, e.By, e.Reason, e.RequestedAt),
            MovementEvent.ClosingRequested e => new(
                e.MovementId, MovementKind.ToChain, new(Asset.Ckb, 0), e.ChannelId, null, null, e.By, e.Reason, e.RequestedAt),
            _ => null,
        };
}

/// <summary>What a batch of events does to one movement after it was requested. Null leaves a column as it is.</summary>
internal sealed record MovementPatch(Guid MovementId, DateTimeOffset At, long Position)
{
    public MovementStage? Stage { get; init; }

    /// <summary>How much it is, where that was not known when it was asked for.</summary>
    public UInt128? Units { get; init; }

    public string? ApprovedBy { get; init; }

    public int? Attempt { get; init; }

    public string? Evidence { get; init; }

    public UInt128? Fee { get; init; }

    /// <summary>Whether the block is to be written, be it null.</summary>
    public bool SetsBlock { get; init; }

    public ulong? BlockNumber { get; init; }

    public string? LastError { get; init; }

    public bool? IsFinal { get; init; }

    public DateTimeOffset? CountsFrom { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>One patch for each movement that more happened to than being requested.</summary>
    public static IReadOnlyList<MovementPatch> OfEach(IReadOnlyList<RecordedEvent> events) =>
    [
        .. events
            .Where(e => e.Body is MovementEvent && RequestedMovement.Of(e.Body) is null)
            .GroupBy(e => IdOf((MovementEvent)e.Body))
            .Select(movement => movement.Aggregate(
                new MovementPatch(movement.Key, default, 0),
                (patch, e) => patch.After((MovementEvent)e.Body) with { At = e.At, Position = e.Position })),
    ];

    private MovementPatch After(MovementEvent @event) =>
        @event switch
        {
            MovementEvent.Approved e =>
                this with { Stage = MovementStage.Approved, ApprovedBy = e.By, CountsFrom = e.ApprovedAt },
            MovementEvent.Booked e => this with { Stage = MovementStage.Booked, CompletedAt = e.BookedAt },
            MovementEvent.Prepared e => Prepared(e.Attempt, e.Transaction, e.PreparedAt),
            MovementEvent.TokenPrepared e => Prepared(e.Attempt, e.Transaction, e.PreparedAt),
            MovementEvent.FundingPrepared e => Prepared(e.Attempt, e.Transaction, e.PreparedAt),
            MovementEvent.ReturnPrepared e =>
                this with { LastError = $"The node gave the channel up; {e.Transaction.Hash} takes it back." },
            MovementEvent.ClosePrepared e =>
                this with { Stage = MovementStage.Prepared, Attempt = e.Attempt, Units = e.Balance.Units + e.Reserved.Units },
            MovementEvent.CloseSeen e => this with { Stage = MovementStage.Sent, Evidence = e.Evidence, Units = e.Returned.Units },
            MovementEvent.Sent => this with { Stage = MovementStage.Sent },
            MovementEvent.IncludedInBlock e =>
                this with { Stage = Moved(MovementStage.InBlock), SetsBlock = true, BlockNumber = e.BlockNumber },
            MovementEvent.TakenBack => this with { Stage = Moved(MovementStage.Sent), SetsBlock = true, BlockNumber = null },
            MovementEvent.AttemptFailed e => this with { Stage = MovementStage.Approved, LastError = e.Detail, NotBefore = e.RetryAt },
            MovementEvent.Completed e =>
                this with { Stage = MovementStage.Completed, Fee = e.Fee.Units, CompletedAt = e.CompletedAt },
            MovementEvent.MadeFinal => this with { IsFinal = true },
            MovementEvent.Lost e => this with { Stage = MovementStage.Lost, LastError = e.Detail },
            MovementEvent.ArrivedAfterLoss e =>
                this with { Stage = MovementStage.ArrivedAfterLoss, Attempt = e.Attempt, Evidence = e.Evidence },
            MovementEvent.Failed e => this with { Stage = MovementStage.Failed, LastError = e.Detail },
            MovementEvent.Cancelled e => this with { Stage = MovementStage.Cancelled, LastError = e.Reason },
            _ => throw new UnreachableException($"{@event.GetType().Name} changes nothing that is known."),
        };

    private MovementPatch Prepared(int attempt, SweepTransaction transaction, DateTimeOffset at) => this with
    {
        Stage = MovementStage.Prepared,
        Attempt = attempt,
        Evidence = transaction.Hash,
        Fee = transaction.Fee.Units,
        CountsFrom = at,
    };

    private MovementStage Moved(MovementStage to) => Stage is MovementStage.Completed ? MovementStage.Completed : to;

    private static Guid IdOf(MovementEvent @event) =>
        @event switch
        {
            MovementEvent.SweepRequested e => e.MovementId,
            MovementEvent.BookingRequested e => e.MovementId,
            MovementEvent.Approved e => e.MovementId,
            MovementEvent.Booked e => e.MovementId,
            MovementEvent.Prepared e => e.MovementId,
            MovementEvent.OpeningRequested e => e.MovementId,
            MovementEvent.ClosingRequested e => e.MovementId,
            MovementEvent.TokenPrepared e => e.MovementId,
            MovementEvent.FundingPrepared e => e.MovementId,
            MovementEvent.ReturnPrepared e => e.MovementId,
            MovementEvent.ClosePrepared e => e.MovementId,
            MovementEvent.CloseSeen e => e.MovementId,
            MovementEvent.Sent e => e.MovementId,
            MovementEvent.IncludedInBlock e => e.MovementId,
            MovementEvent.TakenBack e => e.MovementId,
            MovementEvent.AttemptFailed e => e.MovementId,
            MovementEvent.Completed e => e.MovementId,
            MovementEvent.MadeFinal e => e.MovementId,
            MovementEvent.Lost e => e.MovementId,
            MovementEvent.ArrivedAfterLoss e => e.MovementId,
            MovementEvent.Failed e => e.MovementId,
            MovementEvent.Cancelled e => e.MovementId,
            _ => throw new UnreachableException($"{@event.GetType().Name} is of no movement."),
        };
}
