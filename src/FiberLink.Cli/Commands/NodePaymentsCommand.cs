using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;

namespace FiberLink.Cli.Commands;

/// <summary><c>node payments</c>: what the node has sent, or tries to.</summary>
internal static class NodePaymentsCommand
{
    private const int PageMax = 100;

    public static Command Build(SharedOptions shared, Option<string?> url)
    {
        var status = new Option<HubPaymentStatus?>("--status") { Description = "Created, Inflight, Success or Failed." };
        var limit = new Option<int>("--limit") { Description = "How many.", DefaultValueFactory = _ => 100 };
        var after = new Option<string?>("--after") { Description = "Begin after this payment hash." };
        var command = new Command(
            "payments",
            "The node's outgoing payments, in the order of their hashes. Fees are in smallest units: the node does not tell the asset.")
        {
            status, limit, after,
        };
        command.SetAction((parsed, ct) => NodeCommands.WithNodeAsync(shared, url, parsed, async view =>
        {
            PaymentHash? from = parsed.GetValue(after) switch
            {
                null => null,
                var text when PaymentHash.TryParse(text, out var hash) => hash,
                _ => throw new CommandFailedException(ExitCode.Usage, "--after takes 0x and 64 hexadecimal digits."),
            };
            return await ShowAsync(view, parsed.GetValue(status), from, parsed.GetValue(limit), ct);
        }));
        return command;
    }

    private static async Task<int> ShowAsync(NodeView view, HubPaymentStatus? status, PaymentHash? after, int limit, CancellationToken ct)
    {
        if (limit < 1)
        {
            throw new CommandFailedException(ExitCode.Usage, "--limit takes a number from 1.");
        }

        var payments = new List<HubPayment>();
        var next = after;
        do
        {
            var page = NodeView.Value(await view.Node.ListPaymentsAsync(status, next, Math.Min(PageMax, limit - payments.Count), ct));
            payments.AddRange(page.Payments);
            next = page.Next;
        }
        while (next is not null && payments.Count < limit);

        if (view.AsJson)
        {
            await Printer.JsonAsync(new JsonObject
            {
                ["payments"] = new JsonArray([.. payments.Select(p => (JsonNode)Json(p))]),
                ["next"] = next?.ToString(),
            });
            return ExitCode.Done;
        }

        await Printer.TableAsync(
            ["STATUS", "FEE", "CREATED (UTC)", "PAYMENT HASH", "WHY"],
            [.. payments.Select(p => (IReadOnlyList<string>)
            [
                p.Status.ToString(),
                p.Fee.ToString(CultureInfo.InvariantCulture),
                p.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                p.PaymentHash.ToString(),
                p.Failure is { } failure ? $"{failure.Kind}: {failure.Text}" : "",
            ])]);
        if (next is not null)
        {
            await Console.Out.WriteLineAsync($"There are more: --after {next}");
        }

        return ExitCode.Done;
    }

    private static JsonObject Json(HubPayment payment) =>
        new()
        {
            ["paymentHash"] = payment.PaymentHash.ToString(),
            ["status"] = payment.Status.ToString(),
            ["feeUnits"] = payment.Fee.ToString(CultureInfo.InvariantCulture),
            ["createdAt"] = payment.CreatedAt,
            ["lastUpdatedAt"] = payment.LastUpdatedAt,
            ["isMultiPart"] = payment.IsMultiPart,
            ["failure"] = payment.Failure?.Kind.ToString(),
            ["failureText"] = payment.Failure?.Text,
        };
}
