using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.PayoutRules;
using FiberLink.Service;
using FiberLink.Service.Withdrawals.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>payouts</c>: what may be withdrawn, and what is stopped.</summary>
internal static class PayoutRulesCommands
{
    private const string Told = "members who ask for a withdrawal are told";

    public static Command Build(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "A community. [default: all of them]" };
        var asset = new Option<string?>("--asset") { Description = "An asset's code, such as CKB. [default: every asset]" };
        var pause = new Command(
            "pause",
            "Have no withdrawal granted, and none sent that waits, until it is resumed. What is under way cannot be stopped."
            + OperatorOptions.ExitCodes) { app, asset };
        SetAction(shared, pause, "paused", new OperatorOptions(Told), (rules, p, by, reason, ct) =>
            rules.PauseAsync(p.GetValue(app), p.GetValue(asset), by, reason, ct));
        var resume = new Command(
            "resume", "End a pause: the one over just this community and asset, and no other." + OperatorOptions.ExitCodes) { app, asset };
        SetAction(shared, resume, "resumed", new OperatorOptions(), (rules, p, by, reason, ct) =>
            rules.ResumeAsync(p.GetValue(app), p.GetValue(asset), by, reason, ct));

        var rulesApp = new Option<string?>("--app") { Description = "A community. [default: all of them]" };
        var list = new Command("rules", "Show the limits that were set, and everything that is stopped, with who and why.") { rulesApp };
        list.SetAction((parsed, ct) => ListAsync(shared, parsed, parsed.GetValue(rulesApp), ct));
        return new Command("payouts", "What may be withdrawn, and what is stopped.")
        {
            list,
            PayoutLimitsCommand.Build(shared),
            pause,
            resume,
            BuildDenial(
                shared, "deny", "Have no new withdrawal of a member granted, or none to a destination.", "denied",
                (rules, a, kind, value, by, reason, ct) => rules.DenyAsync(a, kind, value, by, reason, ct)),
            BuildDenial(
                shared, "readmit", "End a denial: the one of just this community, or of all.", "readmitted",
                (rules, a, kind, value, by, reason, ct) => rules.ReadmitAsync(a, kind, value, by, reason, ct)),
        };
    }

    /// <summary>Has a command decide something, and say what came of it.</summary>
    public static void SetAction(
        SharedOptions shared,
        Command command,
        string done,
        OperatorOptions words,
        Func<PayoutRulesAdministration, ParseResult, string, string, CancellationToken, Task<OperatorAnswer>> decide)
    {
        words.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var isNew = OperatorOptions.IsNew(
                await decide(tools.GetRequiredService<PayoutRulesAdministration>(), parsed, by, reason, ct));
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonObject { [done] = isNew })
                : Console.Out.WriteLineAsync(isNew ? $"{done}." : "It was so already: nothing was done."));
            return ExitCode.Done;
        });
    }

    private static Command BuildDenial(
        SharedOptions shared,
        string verb,
        string description,
        string done,
        Func<PayoutRulesAdministration, string?, DenialKind, string, string, string, CancellationToken, Task<OperatorAnswer>> decide)
    {
        var app = new Option<string?>("--app")
        {
            Description = "A community. [default: all of them; a member's id is then that of somebody else in each]",
        };
        var member = new Option<string?>("--member") { Description = "The member's id." };
        var destination = new Option<string?>("--destination") { Description = "An address, in any form, or an invoice." };
        var command = new Command(verb, description + OperatorOptions.ExitCodes) { member, destination, app };
        SetAction(shared, command, done, new OperatorOptions(), (rules, p, by, reason, ct) =>
            (p.GetValue(member), p.GetValue(destination)) switch
            {
                ({ } id, null) => decide(rules, p.GetValue(app), DenialKind.Member, id, by, reason, ct),
                (null, { } text) => decide(rules, p.GetValue(app), DenialKind.Destination, text, by, reason, ct),
                _ => throw new CommandFailedException(ExitCode.Usage, "Name either a --member or a --destination."),
            });
        return command;
    }

    private static async Task<int> ListAsync(SharedOptions shared, ParseResult parsed, string? app, CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var query = tools.GetRequiredService<PayoutRulesQuery>();
        var policies = await query.PoliciesAsync(app, ct);

        // What is stopped everywhere is stopped in this one, too.
        var stops = app is null
            ? await query.StopsAsync(null, ct)
            : [.. await query.StopsAsync(Events.Tenants.Hub, ct), .. await query.StopsAsync(app, ct)];
        if (parsed.GetValue(shared.Json))
        {
            await Printer.JsonAsync(PayoutRulesPrinter.Json(policies, stops, tools));
            return ExitCode.Done;
        }

        await PayoutRulesPrinter.PrintAsync(policies, stops, tools);
        return ExitCode.Done;
    }
}
