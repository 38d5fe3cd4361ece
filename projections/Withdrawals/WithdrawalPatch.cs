using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;

namespace FiberLink.Projections.Withdrawals;

/// <summary>What a batch of events does to one withdrawal after it was requested. Null leaves a column as it is.</summary>
internal sealed record WithdrawalPatch(string Tenant, Guid WithdrawalId, DateTimeOffset At, long Position)
{
    public WithdrawalStage? Stage { get; init; }

    public bool? NeedsApproval { get; init; }

    public bool? IsHeldBack { get; init; }

    public bool? AwaitsLiquidity { get; init; }

    /// <summary>Whether <see cref="NotBefore"/> is to be written, be it null.</summary>
    public bool SetsNotBefore { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public int? Attempt { get; init; }

    public string? Evidence { get; init; }

    public UInt128? Fee { get; init; }

    /// <summary>Whether the block is to be written, be it null.</summary>
    public bool SetsBlock { get; init; }

    public ulong? BlockNumber { get; init; }

    public string? BlockHash { get; init; }

    public string? LastError { get; init; }

    public long? UsdCents { get; init; }

    public bool? IsFinal { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>One patch for each withdrawal that more happened to than being requested.</summary>
    public static IReadOnlyList<WithdrawalPatch> OfEach(IReadOnlyList<RecordedEvent> events) =>
    [
        .. events
            .Where(e => e.Body is WithdrawalEvent and not WithdrawalEvent.Requested)
            .GroupBy(e => e.Stream)
            .Select(stream => stream.Aggregate(
                new WithdrawalPatch(stream.Key.Tenant, WithdrawalIds.Of((WithdrawalEvent)stream.First().Body), default, 0),
                (patch, e) => patch.After((WithdrawalEvent)e.Body) with { At = e.At, Position = e.Position })),
    ];

    private WithdrawalPatch After(WithdrawalEvent @event) =>
        @event switch
        {
            WithdrawalEvent.Approved => this with { NeedsApproval = false },
            WithdrawalEvent.HeldBack => this with { IsHeldBack = true },
            WithdrawalEvent.Released => this with { IsHeldBack = false, SetsNotBefore = true, NotBefore = null },
            WithdrawalEvent.LiquidityAwaited => this with { AwaitsLiquidity = true },
            WithdrawalEvent.LiquidityCovered => this with { AwaitsLiquidity = false },
            WithdrawalEvent.TransactionPrepared e => Prepared(e.Attempt, e.Transaction.Hash),
            WithdrawalEvent.PaymentPrepared e => Prepared(e.Attempt, e.PaymentHash),
            WithdrawalEvent.Sent => this with { Stage = WithdrawalStage.Sent },
            WithdrawalEvent.IncludedInBlock e => InBlock(e.BlockNumber, e.BlockHash),
            WithdrawalEvent.TakenBack => NotInBlock(),
            WithdrawalEvent.AttemptFailed e => this with
            {
                Stage = WithdrawalStage.Queued,
                LastError = e.Detail,
                SetsNotBefore = true,
                NotBefore = e.RetryAt,
            },
            WithdrawalEvent.Completed e => this with
            {
                Stage = WithdrawalStage.Completed,
                Evidence = e.Evidence,
                Fee = e.Fee.Units,
                UsdCents = e.Usd?.Cents ?? UsdCents,
                CompletedAt = e.CompletedAt,
            },
            WithdrawalEvent.Transferred e => this with
            {
                Stage = WithdrawalStage.Completed,
                Evidence = e.PaymentHash,
                Fee = 0,
                UsdCents = e.Usd?.Cents ?? UsdCents,
                IsFinal = true,
                CompletedAt = e.TransferredAt,
            },
            WithdrawalEvent.UsdQuoted e => this with { UsdCents = e.Usd.Cents },
            WithdrawalEvent.MadeFinal => this with { IsFinal = true },
            WithdrawalEvent.Failed e => this with { Stage = WithdrawalStage.Failed, LastError = e.Detail },
            WithdrawalEvent.Cancelled e => this with { Stage = WithdrawalStage.Cancelled, LastError = e.Reason },
            WithdrawalEvent.Lost e => this with { Stage = WithdrawalStage.Lost, LastError = e.Detail },
            WithdrawalEvent.PaidAfterFailure e => this with { Stage = WithdrawalStage.PaidAfterFailure, Evidence = e.Evidence },
            _ => throw new System.Diagnostics.UnreachableException($"{@event.GetType().Name} changes nothing that is known."),
        };

    private WithdrawalPatch Prepared(int attempt, string evidence) =>
        this with { Stage = WithdrawalStage.Prepared, Attempt = attempt, Evidence = evidence, AwaitsLiquidity = false };

    private WithdrawalPatch InBlock(ulong number, string hash) => this with
    {
        Stage = Moved(WithdrawalStage.InBlock),
        SetsBlock = true,
        BlockNumber = number,
        BlockHash = hash,
    };

    private WithdrawalPatch NotInBlock() =>
        this with { Stage = Moved(WithdrawalStage.Sent), SetsBlock = true, BlockNumber = null, BlockHash = null };

    // What is completed stays so: only where it lies is new. The statement asks the same of what was completed before.
    private WithdrawalStage Moved(WithdrawalStage to) => Stage is WithdrawalStage.Completed ? WithdrawalStage.Completed : to;
}
