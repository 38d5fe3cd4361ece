using FiberLink.Domain.Withdrawals;

namespace FiberLink.Service.CommandHandling;

/// <summary>What an operator is told who does not say who decides, or why.</summary>
internal static class UnsaidTexts
{
    public static string Of(PayoutRulesRefusal refusal) =>
        refusal switch
        {
            PayoutRulesRefusal.NotSaidByWhom => $"Say who decides it (--by): one line of 1 to {OperatorWords.ByLengthMax} characters.",
            PayoutRulesRefusal.NotSaidWhy =>
                $"Say why (--reason): one line of 1 to {OperatorWords.ReasonLengthMax} characters; it is what others will go by.",
            _ => refusal.ToString(),
        };
}
