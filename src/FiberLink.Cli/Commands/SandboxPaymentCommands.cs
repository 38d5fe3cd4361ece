using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Cli.Commands;

/// <summary>Those of the <c>sandbox</c> commands that are about what the node pays itself.</summary>
internal static class SandboxPaymentCommands
{
    private static readonly (string Name, PaymentEnding Ending)[] Endings =
    [
        ("succeed", PaymentEnding.Succeeds),
        ("hold", PaymentEnding.IsHeld),
        ("fail", PaymentEnding.Fails),
        ("fail-under-way", PaymentEnding.FailsUnderWay),
    ];

    public static Command PayeeInvoice(SandboxCommandBuilding within)
    {
        var amount = Units("amount", "What is asked for, in smallest units.");
        var farther = new Option<bool>("--farther") { Description = "Of a node one hop farther than the peer: a thousandth more." };
        var hold = new Option<bool>("--hold") { Description = "The payee keeps payments waiting until 'succeed' or 'fail'." };
        var parts = new Option<bool>("--parts") { Description = "A payment may come in parts." };
        var expiry = Durations.Option("--expiry", "When it expires; without it, never");
        var description = new Option<string?>("--description") { Description = "What it is for." };
        return within.Create(
            "payee-invoice",
            "Make an invoice of somebody out in the network, for the node to pay.",
            [amount, farther, hold, parts, expiry, description],
            async (sandbox, parsed, ct) => await Console.Out.WriteLineAsync(await sandbox.Payments.IssueAsync(
                new PayeeInvoiceRequest(Units(parsed, amount))
                {
                    IsFarther = parsed.GetValue(farther),
                    IsHeld = parsed.GetValue(hold),
                    AllowsMultiPart = parsed.GetValue(parts),
                    Expiry = parsed.GetValue(expiry),
                    Description = parsed.GetValue(description),
                },
                ct)));
    }

    public static Command List(SandboxCommandBuilding within) =>
        within.Show("payments", "List the node's own payments, with what becomes of each.", async (sandbox, asJson, ct) =>
        {
            var all = await sandbox.Payments.ListAsync(ct);
            if (asJson)
            {
                await Printer.JsonAsync(new JsonArray([.. all.Select(p => (JsonNode)ToJson(p))]));
                return;
            }

            await Printer.TableAsync(
                ["STATUS", "AMOUNT", "FEE", "MONEY", "PAYMENT HASH", "ERROR"],
                [.. all.Select(p => (IReadOnlyList<string>)
                    [p.Status.ToString(), Text(p.Amount), Text(p.Fee), Money(p), p.PaymentHash.ToString(), p.Error ?? ""])]);
        });

    public static Command NextPayments(SandboxCommandBuilding within)
    {
        var ending = new Argument<string>("ending")
        {
            Description = "succeed, hold, fail, or fail-under-way: failed, and yet it may arrive.",
        };
        ending.AcceptOnlyFromAmong([.. Endings.Select(e => e.Name)]);
        var error = Error();
        var count = new Option<int>("--count") { Description = "How many.", DefaultValueFactory = _ => 1 };
        return within.Switch(
            "next-payments",
            "Say what becomes of the next payments.",
            (s, p, ct) =>
            {
                var chosen = Endings.Single(e => e.Name == p.GetValue(ending)).Ending;
                var fails = chosen is PaymentEnding.Fails or PaymentEnding.FailsUnderWay;
                return s.Payments.DecideAsync(chosen, fails ? p.GetValue(error) : null, p.GetValue(count), ct);
            },
            ending,
            error,
            count);
    }

    public static Command Succeed(SandboxCommandBuilding within)
    {
        var payment = Payment();
        var told = new Option<bool>("--told")
        {
            Description = "One that was reported as failed then says that it succeeded; FNN 0.8 doesn't.",
        };
        return within.Switch(
            "succeed",
            "Let a payment that is under way arrive, also one that was reported as failed.",
            (s, p, ct) => s.Payments.SucceedAsync(p.GetValue(payment)!, p.GetValue(told), ct),
            payment,
            told);
    }

    public static Command Fail(SandboxCommandBuilding within)
    {
        var (payment, error) = (Payment(), Error());
        return within.Switch(
            "fail",
            "Let a payment that is under way come back.",
            (s, p, ct) => s.Payments.FailAsync(p.GetValue(payment)!, p.GetValue(error)!, ct),
            payment,
            error);
    }

    public static Command OpenChannel(SandboxCommandBuilding within)
    {
        var local = Units("local", "What the node can send at first, in shannon.");
        var remote = Units("remote", "What it can receive at first, in shannon.");
        var peer = new Option<int>("--peer") { Description = "Its number, from 0 on; one more than there are is a new one." };
        return within.Switch(
            "open-channel",
            "Open a channel, ready at once.",
            (s, p, ct) => s.Payments.OpenChannelAsync(p.GetValue(peer), null, Units(p, local), Units(p, remote), ct),
            local,
            remote,
            peer);
    }

    public static Command Peer(SandboxCommandBuilding within)
    {
        var number = new Argument<int>("number") { Description = "From 0 on." };
        var state = new Argument<string>("state") { Description = "on or off." };
        state.AcceptOnlyFromAmong("on", "off");
        return within.Switch(
            "peer",
            "Connect with a peer, or be cut off from it.",
            (s, p, ct) => s.Payments.ConnectPeerAsync(p.GetValue(number), p.GetValue(state) == "on", ct),
            number,
            state);
    }

    private static Argument<string> Payment() => new("payment") { Description = "The invoice that is paid, or its payment hash." };

    private static Option<string> Error() => new("--error")
    {
        Description = "The node's word for why.",
        DefaultValueFactory = _ => "TemporaryChannelFailure",
    };

    private static Argument<string> Units(string name, string description) => new(name) { Description = description };

    private static UInt128 Units(ParseResult parsed, Argument<string> argument) =>
        UInt128.TryParse(parsed.GetValue(argument), NumberStyles.None, CultureInfo.InvariantCulture, out var units)
            ? units
            : throw new CommandFailedException(ExitCode.Usage, $"<{argument.Name}> takes a whole number of smallest units.");

    private static string Money(SandboxPaymentListing payment) =>
        payment.IsTaken ? "has gone" : payment.IsUnderWay ? "is under way" : "is here";

    private static string Text(UInt128 number) => number.ToString(CultureInfo.InvariantCulture);

    private static JsonObject ToJson(SandboxPaymentListing payment) => new()
    {
        ["paymentHash"] = payment.PaymentHash.ToString(),
        ["status"] = payment.Status.ToString(),
        ["amount"] = Text(payment.Amount),
        ["fee"] = Text(payment.Fee),
        ["underWay"] = payment.IsUnderWay,
        ["taken"] = payment.IsTaken,
        ["error"] = payment.Error,
    };
}
