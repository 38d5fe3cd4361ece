namespace FiberLink.Chain.Transfers;

/// <summary>What came of planning a transfer.</summary>
public abstract record TransferPlan
{
    private TransferPlan()
    {
    }

    /// <summary>It can be done so.</summary>
    public sealed record Planned(UnsignedTransfer Transfer) : TransferPlan;

    /// <summary>It cannot be done with these cells.</summary>
    /// <param name="Reason">Why: decide by this.</param>
    /// <param name="Detail">A sentence for people.</param>
    /// <param name="Udt">The token that is short; null for coins.</param>
    /// <param name="Missing">How much is short, in smallest units, where that is the reason; without the fee of further inputs.</param>
    public sealed record Refused(TransferRefusal Reason, string Detail, Script? Udt = null, UInt128 Missing = default) : TransferPlan;
}

/// <summary>Why a transfer cannot be planned.</summary>
public enum TransferRefusal
{
    /// <summary>There is nobody to pay, or somebody is paid nothing or more than there can be.</summary>
    BadOrder = 1,

    /// <summary>A recipient gets fewer coins than a cell with that lock takes up.</summary>
    BelowMinimum = 2,

    /// <summary>All free cells together are not enough.</summary>
    NotEnough = 3,

    /// <summary>All free cells are just so much more than enough that the rest is no cell, and more than may go to the fee.</summary>
    DustChange = 4,

    /// <summary>The fee would be above its cap.</summary>
    FeeAboveCap = 5,

    /// <summary>More cells would have to be spent than may be.</summary>
    TooManyInputs = 6,
}
