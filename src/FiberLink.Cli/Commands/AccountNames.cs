using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.Service.Rpc;

namespace FiberLink.Cli.Commands;

/// <summary>The accounts of a community that people may name.</summary>
internal static class AccountNames
{
    public const string Choices = "member:ID, suspense, platform-fees, network-fees, capital";

    private const string Member = "member:";

    private static readonly (string Name, Account Account)[] Known =
    [
        ("suspense", Account.Suspense), ("platform-fees", Account.PlatformFees), ("network-fees", Account.NetworkFees),
        ("capital", Account.HubCapital),
    ];

    /// <exception cref="CommandFailedException">The text names no account.</exception>
    public static AccountName Read(string option, string text)
    {
        if (text.StartsWith(Member, StringComparison.Ordinal) && text.Length > Member.Length)
        {
            var member = text[Member.Length..];
            return member.Length <= ParamRules.IdLengthMax && member.Trim() == member && !member.Any(char.IsControl)
                ? new(Account.MemberAvailable, member)
                : throw new CommandFailedException(
                    ExitCode.Usage, $"{option}: a member is 1 to {ParamRules.IdLengthMax} characters, without spaces around them.");
        }

        return Known.FirstOrDefault(k => k.Name == text) is { Name: not null } known
            ? new(known.Account, null)
            : throw new CommandFailedException(ExitCode.Usage, $"{option}: '{text}' is no account. There are {Choices}.");
    }

    public static string Of(AccountName name) =>
        name.Member is { } member ? $"{Member}{member}" : Known.Single(k => k.Account == name.Account).Name;
}
