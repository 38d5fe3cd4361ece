namespace FiberLink.Domain.Withdrawals;

/// <summary>Why what an operator wants is not done.</summary>
public enum PayoutRulesRefusal
{
    /// <summary>Nobody stands behind it, or not in one line of 1 to 100 characters.</summary>
    NotSaidByWhom = 1,

    /// <summary>No reason is given, or not in one line of 1 to 500 characters.</summary>
    NotSaidWhy = 2,

    /// <summary>See <see cref="PayoutLimitRules.Problems"/> for what is wrong with the limits.</summary>
    LimitsDoNotFit = 3,
}

/// <summary>Who decided something and why: every operator's decision has both, and they are kept for good.</summary>
public static class OperatorWords
{
    public const int ByLengthMax = 100;

    public const int ReasonLengthMax = 500;

    /// <returns>Null when both are said.</returns>
    public static PayoutRulesRefusal? Objection(string by, string reason) =>
        !IsName(by) ? PayoutRulesRefusal.NotSaidByWhom
        : !IsLine(reason, ReasonLengthMax) ? PayoutRulesRefusal.NotSaidWhy
        : null;

    /// <summary>Whether two names are one person's: they are typed by hand.</summary>
    public static bool IsSamePerson(string one, string other) =>
        string.Equals(one.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it says who.</summary>
    public static bool IsName(string by) => IsLine(by, ByLengthMax);

    // It is shown in terminals and, of a pause, to members: nothing in it may be taken for a command or another line.
    private static bool IsLine(string text, int lengthMax) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= lengthMax && !text.Any(char.IsControl);
}
