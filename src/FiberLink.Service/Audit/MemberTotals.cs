using FiberLink.Events.Money;

namespace FiberLink.Service.Audit;

/// <summary>What is owed to the members of one community in one asset.</summary>
/// <param name="Positive">Each member's available and held money together; whoever has nothing is not in it.</param>
/// <param name="BelowZero">A member with an account below zero, which can't be; null when there is none.</param>
public sealed record MemberTotals(IReadOnlyCollection<(string Member, UInt128 Units)> Positive, string? BelowZero)
{
    /// <summary>Adds up accounts; those that are no member's are passed over.</summary>
    public static MemberTotals Of(IEnumerable<(string Account, string Member, Int128 Units)> accounts)
    {
        var totals = new Dictionary<string, UInt128>(StringComparer.Ordinal);
        string? below = null;
        foreach (var (account, member, units) in accounts)
        {
            if (account is not (nameof(Account.MemberAvailable) or nameof(Account.MemberHeld)))
            {
                continue;
            }

            if (units < 0)
            {
                below ??= member;
            }
            else if (units > 0)
            {
                totals[member] = checked(totals.GetValueOrDefault(member) + (UInt128)units);
            }
        }

        return new([.. totals.Select(t => (t.Key, t.Value))], below);
    }
}
