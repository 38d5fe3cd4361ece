namespace FiberLink.Projections.Withdrawals;

/// <summary>How far a withdrawal has come, as it is shown.</summary>
public enum WithdrawalStage
{
    /// <summary>The money is held, and nothing is under way.</summary>
    Queued = 1,

    /// <summary>The intent is stored; whether the network has it is not known.</summary>
    Prepared = 2,

    /// <summary>The network has it.</summary>
    Sent = 3,

    /// <summary>A block has it.</summary>
    InBlock = 4,
    Completed = 5,
    Failed = 6,
    Cancelled = 7,

    /// <summary>What had failed or was lost was paid after all: an operator decides.</summary>
    PaidAfterFailure = 8,

    /// <summary>It was completed, and can never be in the chain again: an operator decides.</summary>
    Lost = 9,
}
