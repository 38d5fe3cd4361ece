using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;

namespace FiberLink.Domain.Adjustments;

/// <summary>What can be asked of an adjustment.</summary>
/// <param name="By">Who asks.</param>
/// <param name="Reason">Why.</param>
/// <param name="Now">When.</param>
public abstract record AdjustmentCommand(string By, string Reason, DateTimeOffset Now)
{
    /// <param name="AdjustmentId">Names the stream.</param>
    /// <param name="From">The account that is to have less of a credit.</param>
    /// <param name="To">The account that is to have more.</param>
    /// <param name="Amount">How much.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Now">When.</param>
    public sealed record Request(
        Guid AdjustmentId, AccountName From, AccountName To, Amount Amount, string By, string Reason, DateTimeOffset Now)
        : AdjustmentCommand(By, Reason, Now);

    /// <summary>Agrees to what is asked for now: the adjustment, or its reversal.</summary>
    public sealed record Approve(string By, string Reason, DateTimeOffset Now) : AdjustmentCommand(By, Reason, Now);

    /// <summary>Calls off what is asked for now: the adjustment, or its reversal.</summary>
    public sealed record Cancel(string By, string Reason, DateTimeOffset Now) : AdjustmentCommand(By, Reason, Now);

    public sealed record RequestReversal(string By, string Reason, DateTimeOffset Now) : AdjustmentCommand(By, Reason, Now);
}

public enum AdjustmentRefusal
{
    AdjustmentIsUnknown = 1,

    /// <summary>The same id with other words: a mistake to point out.</summary>
    ExistsWithOtherTerms = 2,

    /// <summary>One of the accounts is kept by something else, or a member is named where none belongs, or is missing.</summary>
    AccountNotAdjustable = 3,

    /// <summary>Both accounts are one.</summary>
    MovesNothing = 4,

    /// <summary>It is nothing, or more than can be posted.</summary>
    AmountDoesNotFit = 5,

    /// <summary>Who asked for it cannot be the one who agrees to it.</summary>
    ApproverIsRequester = 6,

    /// <summary>It has waited too long: what was right then need not be now.</summary>
    IsTooOld = 7,

    /// <summary>It is not in the books, so there is nothing to take back.</summary>
    IsNotPosted = 8,

    /// <summary>It is in the books: only its opposite can take it back.</summary>
    IsPosted = 9,

    /// <summary>It was called off, or taken back.</summary>
    IsOver = 10,
}
