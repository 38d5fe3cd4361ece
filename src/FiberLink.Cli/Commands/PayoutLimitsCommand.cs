using System.CommandLine;
using FiberLink.Cli.Output;
using FiberLink.Domain.Money;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary><c>payouts limits</c>: how much of an asset may leave a community, and how.</summary>
internal sealed class PayoutLimitsCommand
{
    private const string NoLimit = "none";

    private readonly Option<string> _app = new("--app") { Description = "The community.", Required = true };
    private readonly Option<string> _asset = new("--asset") { Description = "The asset's code, such as CKB.", Required = true };
    private readonly Option<bool?> _allowed = new("--allowed") { Description = "Whether it can be withdrawn at all: true or false." };
    private readonly Option<string?> _requestMax = new("--request-max") { Description = "The most in one withdrawal." };
    private readonly Option<string?> _memberDayMax = new("--member-day-max") { Description = "The most of a member in 24 hours." };
    private readonly Option<string?> _communityDayMax = new("--community-day-max") { Description = "The most of all in 24 hours." };

    private readonly Option<string?> _memberOpenMax =
        new("--member-open-max") { Description = "The most that a member may have open at a time; 'none' for no limit." };

    private readonly Option<TimeSpan?> _cooldown = Durations.Option("--cooldown", "How long a member waits between two");

    private readonly Option<string?> _approvalAbove =
        new("--approval-above") { Description = "Beyond this another person must agree; 'none' for never." };

    private readonly Option<TimeSpan?> _newDestinationWait =
        Durations.Option("--new-destination-wait", "How long a member's first withdrawal to a destination waits");

    public static Command Build(SharedOptions shared) => new PayoutLimitsCommand().BuildCommand(shared);

    private Command BuildCommand(SharedOptions shared)
    {
        var command = new Command(
            "limits",
            "Set limits of an asset in a community, in the asset's units as people count them. Those that are not named stay, and all "
            + "of them must fit together." + OperatorOptions.ExitCodes)
        {
            _app, _asset, _allowed, _requestMax, _memberDayMax, _communityDayMax, _memberOpenMax, _cooldown, _approvalAbove,
            _newDestinationWait,
        };
        PayoutRulesCommands.SetAction(shared, command, "set", new OperatorOptions(), (rules, parsed, by, reason, ct) =>
        {
            var asset = parsed.GetValue(_asset)!;

            // An asset that nobody knows is for the administration to name; until then any decimals do.
            var definition = new AssetSettings(shared.HomeOf(parsed).ToolSettings().Tokens).Find(asset) ?? AssetDefinition.Ckb;
            return rules.SetLimitsAsync(parsed.GetValue(_app)!, asset, Read(parsed, definition), by, reason, ct);
        });
        return command;
    }

    private PayoutLimitChanges Read(ParseResult parsed, AssetDefinition asset)
    {
        var changes = new PayoutLimitChanges
        {
            IsAllowed = parsed.GetValue(_allowed),
            RequestMax = Units(parsed, _requestMax, asset),
            MemberDayMax = Units(parsed, _memberDayMax, asset),
            CommunityDayMax = Units(parsed, _communityDayMax, asset),
            MemberOpenMax = OptionalUnits(parsed, _memberOpenMax, asset),
            CooldownSeconds = Seconds(parsed, _cooldown),
            ApprovalAbove = OptionalUnits(parsed, _approvalAbove, asset),
            NewDestinationWaitSeconds = Seconds(parsed, _newDestinationWait),
        };
        return changes == new PayoutLimitChanges()
            ? throw new CommandFailedException(ExitCode.Usage, "Name at least one limit: --request-max, --cooldown, …")
            : changes;
    }

    private static OptionalLimit? OptionalUnits(ParseResult parsed, Option<string?> option, AssetDefinition asset) =>
        parsed.GetValue(option) == NoLimit ? new OptionalLimit(null)
        : Units(parsed, option, asset) is { } units ? new OptionalLimit(units)
        : null;

    // Nothing is no amount that anybody can ask for, and a limit all the same: whether it may be one is for the rules.
    private static UInt128? Units(ParseResult parsed, Option<string?> option, AssetDefinition asset)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        var amount = AmountText.Parse(text, asset, out var problem);
        return amount?.Units
            ?? (problem is AmountProblem.NotPositive
                ? UInt128.Zero
                : throw new CommandFailedException(
                    ExitCode.Usage, $"{option.Name}: '{text}' is no amount of {asset.Asset} ({problem}); write 61 or 99.5."));
    }

    private static long? Seconds(ParseResult parsed, Option<TimeSpan?> option) =>
        parsed.GetValue(option) is not { } span ? null
        : span.Ticks % TimeSpan.TicksPerSecond == 0 ? (long)span.TotalSeconds
        : throw new CommandFailedException(ExitCode.Usage, $"{option.Name} takes whole seconds.");
}
