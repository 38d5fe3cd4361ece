using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;
using FiberLink.Sandbox.Control;

namespace FiberLink.Cli.Commands;

/// <summary><c>sandbox</c>: makes things happen at the sandbox node that <c>dev</c> runs.</summary>
internal static class SandboxCommands
{
    public static Command Build(SharedOptions shared)
    {
        var node = new Option<string?>("--node") { Description = "The sandbox node. [default: that of 'dev']", Recursive = true };
        var invoice = new Argument<string>("invoice") { Description = "An invoice, or its payment hash." };
        var within = new SandboxCommandBuilding(shared, node);

        var after = Durations.Option("--after", "Pay later");
        var force = new Option<bool>("--force") { Description = "Also when it has expired or is cancelled, as a real node can do." };
        var command = new Command("sandbox", "Make things happen at the sandbox node: payments, and every fault a node can have.")
        {
            within.OnInvoice(
                "pay",
                "Pay an invoice.",
                invoice,
                (s, p, ct) => s.PayAsync(p.GetValue(invoice)!, p.GetValue(after), p.GetValue(force), ct),
                after,
                force),
            within.OnInvoice(
                "hold", "Let a payment arrive and hold it: Received.", invoice, (s, p, ct) => s.HoldAsync(p.GetValue(invoice)!, ct)),
            within.OnInvoice("settle", "Take a held payment: Paid.", invoice, (s, p, ct) => s.SettleAsync(p.GetValue(invoice)!, ct)),
            within.OnInvoice("cancel", "Cancel an invoice.", invoice, (s, p, ct) => s.CancelAsync(p.GetValue(invoice)!, ct)),
            within.OnInvoice("expire", "Let an invoice expire now.", invoice, (s, p, ct) => s.ExpireAsync(p.GetValue(invoice)!, ct)),
            Report(within, invoice),
            Away(within),
            within.Switch("back", "Come back.", (s, _, ct) => s.ComeBackAsync(ct)),
            Slow(within),
            LoseAnswers(within),
            Twice(within, "twice", "Execute every call twice.", (s, on, ct) => s.AnswerTwiceAsync(on, ct)),
            Twice(
                within, "reorder", "Send the later of two answers first, on a WebSocket.", (s, on, ct) => s.ReorderAnswersAsync(on, ct)),
            Twice(
                within,
                "panic",
                "End as FNN 0.8 does when it is to pay certain malformed invoices; 'back' starts it again.",
                (s, on, ct) => s.PanicOnMalformedAsync(on, ct)),
            Refuse(within),
            Cut(within),
            Subscriptions(within),
            Skew(within),
            within.Switch("reset", "End every fault; invoices stay.", (s, _, ct) => s.ResetAsync(ct)),
            List(within),
            Calls(within),
            SandboxPaymentCommands.PayeeInvoice(within),
            SandboxPaymentCommands.List(within),
            SandboxPaymentCommands.NextPayments(within),
            SandboxPaymentCommands.Succeed(within),
            SandboxPaymentCommands.Fail(within),
            SandboxPaymentCommands.OpenChannel(within),
            SandboxPaymentCommands.Peer(within),
            SandboxRunCommand.Build(),
        };
        command.Options.Add(node);
        return command;
    }

    private static Command Report(SandboxCommandBuilding within, Argument<string> invoice)
    {
        var amount = new Option<string?>("--amount") { Description = "Tell this amount, in smallest units." };
        var hash = new Option<string?>("--payment-hash") { Description = "Tell this payment hash." };
        return within.OnInvoice(
            "report",
            "Let the node tell something else of an invoice than what was ordered.",
            invoice,
            (s, p, ct) => s.ReportAsync(
                p.GetValue(invoice)!,
                p.GetValue(amount) is { } units
                    ? UInt128.TryParse(units, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                        ? value
                        : throw new CommandFailedException(ExitCode.Usage, "--amount takes a whole number of smallest units.")
                    : null,
                null,
                p.GetValue(hash) is { } text
                    ? PaymentHash.TryParse(text, out var other)
                        ? other
                        : throw new CommandFailedException(ExitCode.Usage, "--payment-hash takes 0x and 64 hexadecimal digits.")
                    : null,
                ct),
            amount,
            hash);
    }

    private static Command Away(SandboxCommandBuilding within)
    {
        var length = Durations.Option("--for", "Come back after this time; without it, stay away until 'back'");
        return within.Switch(
            "away", "Cut every connection without an answer.", (s, p, ct) => s.GoAwayAsync(p.GetValue(length), ct), length);
    }

    private static Command Slow(SandboxCommandBuilding within)
    {
        var delay = Durations.Argument("delay", "How long each call waits; 0s ends it. With --max, how long a typical call waits");
        var min = Durations.Option("--min", "No call waits less. [default: 0s]");
        var max = Durations.Option("--max", "A few calls wait nearly so long, and none longer");
        var tail = new Option<double>("--tail")
        {
            Description = "The share of calls, 0 to 1, that wait longer than the others.",
            DefaultValueFactory = _ => 0.01,
        };
        var seed = new Option<int>("--seed") { Description = "The same waits for the same number." };
        return within.Switch(
            "slow",
            "Answer slowly.",
            (s, p, ct) => p.GetValue(max) is { } longest
                ? s.AnswerSlowlyAsync(
                    p.GetValue(min) ?? TimeSpan.Zero, p.GetValue(delay)!.Value, longest, p.GetValue(tail), p.GetValue(seed), ct)
                : s.AnswerSlowlyAsync(p.GetValue(delay)!.Value, ct),
            delay,
            min,
            max,
            tail,
            seed);
    }

    private static Command LoseAnswers(SandboxCommandBuilding within)
    {
        var count = new Argument<int>("count") { Description = "How many." };
        return within.Switch(
            "lose-answers",
            "Execute the next calls and never answer them.",
            (s, p, ct) => s.LoseAnswersAsync(p.GetValue(count), ct),
            count);
    }

    private static Command Twice(
        SandboxCommandBuilding within, string name, string description, Func<SandboxControl, bool, CancellationToken, Task> act)
    {
        var state = new Argument<string>("state") { Description = "on or off." };
        state.AcceptOnlyFromAmong("on", "off");
        return within.Switch(name, description, (s, p, ct) => act(s, p.GetValue(state) == "on", ct), state);
    }

    private static Command Cut(SandboxCommandBuilding within)
    {
        var before = new Option<double>("--before") { Description = "The share of calls, 0 to 1, that are not executed." };
        var after = new Option<double>("--after") { Description = "The share of calls that are executed and not answered." };
        var seed = new Option<int>("--seed") { Description = "The same accidents for the same number." };
        return within.Switch(
            "cut",
            "Cut connections by chance; without shares, no more.",
            (s, p, ct) => s.CutByChanceAsync(p.GetValue(before), p.GetValue(after), p.GetValue(seed), ct),
            before,
            after,
            seed);
    }

    private static Command Subscriptions(SandboxCommandBuilding within)
    {
        var burst = new Option<int?>("--burst") { Description = "Fall silent when more changes than this come at once, as FNN 0.8 does." };
        var drop = new Option<double>("--drop") { Description = "The share of changes, 0 to 1, that nobody hears of." };
        var silent = new Option<bool>("--silent") { Description = "Tell nothing." };
        var none = new Option<bool>("--none") { Description = "Take no subscriptions." };
        return within.Switch(
            "subscriptions",
            "Tell of changes badly; without options, well again.",
            (s, p, ct) => s.SubscriptionsAsync(
                new SubscriptionFaults
                {
                    BurstMax = p.GetValue(burst),
                    Dropped = p.GetValue(drop),
                    AreSilent = p.GetValue(silent),
                    AreOffered = !p.GetValue(none),
                },
                ct),
            burst,
            drop,
            silent,
            none);
    }

    private static Command Skew(SandboxCommandBuilding within)
    {
        var ahead = new Argument<int>("seconds") { Description = "How far its clock is ahead; less than zero for behind." };
        return within.Switch(
            "skew", "Set the node's clock wrong.", (s, p, ct) => s.SkewClockAsync(TimeSpan.FromSeconds(p.GetValue(ahead)), ct), ahead);
    }

    private static Command Refuse(SandboxCommandBuilding within)
    {
        var method = new Argument<string>("method") { Description = "Such as new_invoice." };
        var message = new Option<string>("--message")
        {
            Description = "The node's words.",
            DefaultValueFactory = _ => "refused by the sandbox",
        };
        var count = new Option<int>("--count") { Description = "How often.", DefaultValueFactory = _ => 1 };
        return within.Switch(
            "refuse",
            "Refuse the next calls of a method.",
            (s, p, ct) => s.RefuseAsync(p.GetValue(method)!, p.GetValue(message)!, p.GetValue(count), ct),
            method,
            message,
            count);
    }

    private static Command List(SandboxCommandBuilding within) =>
        within.Show("list", "List the node's invoices.", async (sandbox, asJson, ct) =>
        {
            var all = await sandbox.ListAsync(ct);
            if (asJson)
            {
                await Printer.JsonAsync(new JsonArray([.. all.Select(i => (JsonNode)ToJson(i))]));
                return;
            }

            await Printer.TableAsync(
                ["STATUS", "AMOUNT", "PAYMENT HASH", "INVOICE"],
                [.. all.Select(i => (IReadOnlyList<string>)
                    [i.Status.ToString(), i.Amount.ToString(CultureInfo.InvariantCulture), i.PaymentHash.ToString(), i.Invoice])]);
        });

    private static Command Calls(SandboxCommandBuilding within) =>
        within.Show("calls", "Count the calls the node has had.", async (sandbox, asJson, ct) =>
        {
            var calls = await sandbox.CallsAsync(ct);
            if (asJson)
            {
                await Printer.JsonAsync(new JsonObject(calls.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))));
                return;
            }

            await Printer.TableAsync(
                ["METHOD", "CALLS"],
                [.. calls.Select(c => (IReadOnlyList<string>)[c.Key, c.Value.ToString(CultureInfo.InvariantCulture)])]);
        });

    public static JsonObject ToJson(SandboxListing invoice) =>
        new()
        {
            ["paymentHash"] = invoice.PaymentHash.ToString(),
            ["status"] = invoice.Status.ToString(),
            ["amount"] = invoice.Amount.ToString(CultureInfo.InvariantCulture),
            ["invoice"] = invoice.Invoice,
        };
}
