using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Domain.Withdrawals;

/// <summary>What can be asked of a withdrawal. Ids, time and what was seen outside come in with the command.</summary>
public abstract record WithdrawalCommand
{
    private WithdrawalCommand()
    {
    }

    public sealed record Request(
        Guid WithdrawalId, string Member, Amount Amount, Destination Destination, PayoutFacts Facts, DateTimeOffset Now)
        : WithdrawalCommand;

    /// <summary>What a person decides about it.</summary>
    public abstract record Decision(string By, string Reason, DateTimeOffset Now) : WithdrawalCommand;

    public sealed record Approve(string By, string Reason, DateTimeOffset Now) : Decision(By, Reason, Now);

    public sealed record HoldBack(string By, string Reason, DateTimeOffset Now) : Decision(By, Reason, Now);

    public sealed record Release(string By, string Reason, DateTimeOffset Now) : Decision(By, Reason, Now);

    public sealed record Cancel(string By, string Reason, DateTimeOffset Now) : Decision(By, Reason, Now);

    /// <summary>What there is does not cover it.</summary>
    public sealed record AwaitLiquidity(Amount Missing, DateTimeOffset Now) : WithdrawalCommand;

    /// <summary>What there is covers it by now, though something else may keep it from being paid.</summary>
    public sealed record ReportCovered(DateTimeOffset Now) : WithdrawalCommand;

    /// <param name="Attempt">The number it is to have: one more than the last.</param>
    /// <param name="Transaction">Signed.</param>
    /// <param name="Now">When.</param>
    public sealed record PrepareTransaction(int Attempt, PayoutTransaction Transaction, DateTimeOffset Now) : WithdrawalCommand;

    /// <param name="Attempt">The number it is to have: one more than the last.</param>
    /// <param name="FeeMax">Not more than what is held beside the amount.</param>
    /// <param name="Now">When.</param>
    public sealed record PreparePayment(int Attempt, Amount FeeMax, DateTimeOffset Now) : WithdrawalCommand;

    /// <summary>The recipient is a member of this hub, and is credited in the same commit.</summary>
    /// <param name="Usd">What it was worth.</param>
    /// <param name="Now">When.</param>
    public sealed record Transfer(UsdQuote? Usd, DateTimeOffset Now) : WithdrawalCommand;

    /// <summary>What was seen of an attempt.</summary>
    public abstract record Sighting(int Attempt, DateTimeOffset Now) : WithdrawalCommand;

    public sealed record ReportSent(int Attempt, DateTimeOffset Now) : Sighting(Attempt, Now);

    public sealed record ReportInBlock(int Attempt, ulong BlockNumber, string BlockHash, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>The block is gone from the chain.</summary>
    public sealed record ReportTakenBack(int Attempt, string BlockHash, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <param name="Attempt">The one that paid.</param>
    /// <param name="Fee">What the node says it cost; null where the attempt itself says so.</param>
    /// <param name="Usd">What it was worth.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportPaid(int Attempt, Amount? Fee, UsdQuote? Usd, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It is certain that the attempt has paid nothing and never will. Not a guess, not a time-out.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Detail">Why.</param>
    /// <param name="RetryAt">When another may be made.</param>
    /// <param name="Ends">Why there can be no other; null when there can.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportFailed(
        int Attempt, string Detail, DateTimeOffset RetryAt, WithdrawalFailure? Ends, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It lies deep enough in the chain.</summary>
    public sealed record ReportFinal(int Attempt, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>
    /// It was taken back, and it is certain that neither it nor what spends the same cells can ever be in the chain again. Not a guess,
    /// not a time-out.
    /// </summary>
    /// <param name="Attempt">The one that had paid.</param>
    /// <param name="Detail">Why.</param>
    /// <param name="Now">When.</param>
    public sealed record ReportLost(int Attempt, string Detail, DateTimeOffset Now) : Sighting(Attempt, Now);

    /// <summary>It has waited too long, or cannot be paid, and nothing was sent.</summary>
    public sealed record GiveUp(WithdrawalFailure Reason, string Detail, DateTimeOffset Now) : WithdrawalCommand;

    public sealed record QuoteUsd(UsdQuote Usd, DateTimeOffset Now) : WithdrawalCommand;
}

public enum WithdrawalRefusal
{
    WithdrawalIsUnknown = 1,

    /// <summary>The same id with other words: a mistake to point out.</summary>
    ExistsWithOtherTerms = 2,

    /// <summary>See <see cref="PayoutRules.Judge"/> for which rule.</summary>
    RuleIsBroken = 3,

    /// <summary>Something may have been sent: nobody can call it back.</summary>
    IsOnItsWay = 4,

    /// <summary>It is over.</summary>
    IsOver = 5,

    /// <summary>Who asked for it cannot be the one who agrees to it.</summary>
    ApproverIsRequester = 6,

    NothingToApprove = 7,

    /// <summary>It waits for somebody or something else first.</summary>
    IsNotReady = 8,

    /// <summary>The attempt is not the next one, or pays something else, or could be paid beside the one before.</summary>
    AttemptDoesNotFit = 9,
}
