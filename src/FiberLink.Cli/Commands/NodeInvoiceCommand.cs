using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;

namespace FiberLink.Cli.Commands;

/// <summary><c>node invoice</c>: an invoice as the node tells of it.</summary>
internal static class NodeInvoiceCommand
{
    public static Command Build(SharedOptions shared, Option<string?> url)
    {
        var invoice = new Argument<string>("invoice") { Description = "A payment hash (0x and 64 digits), or an invoice's text." };
        var command = new Command(
            "invoice",
            "An invoice as the node tells of it. Of a text that the node has not made, it tells what is written there and no status.")
        {
            invoice,
        };
        command.SetAction((parsed, ct) => NodeCommands.WithNodeAsync(
            shared, url, parsed, view => ShowAsync(view, parsed.GetValue(invoice)!, ct)));
        return command;
    }

    private static async Task<int> ShowAsync(NodeView view, string text, CancellationToken ct)
    {
        var invoice = PaymentHash.TryParse(text, out var hash)
            ? NodeView.Value(await view.Node.FindInvoiceAsync(hash, ct))
            : await ByTextAsync(view, text.Trim(), ct);
        await (view.AsJson ? Printer.JsonAsync(Json(view, invoice)) : SayAsync(view, invoice));
        return ExitCode.Done;
    }

    private static async Task<HubInvoice> ByTextAsync(NodeView view, string text, CancellationToken ct)
    {
        var parsed = NodeView.Value(await view.Node.ParseInvoiceAsync(text, ct));
        var found = await view.Node.FindInvoiceAsync(parsed.PaymentHash, ct);
        return found is NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound } ? parsed : NodeView.Value(found);
    }

    private static JsonObject Json(NodeView view, HubInvoice invoice) =>
        new()
        {
            ["paymentHash"] = invoice.PaymentHash.ToString(),
            ["status"] = invoice.Status?.ToString(),
            ["asset"] = view.Asset(invoice.UdtScript),
            ["amount"] = invoice.Amount is { } amount ? view.Amount(amount, invoice.UdtScript) : null,
            ["amountUnits"] = invoice.Amount?.ToString(CultureInfo.InvariantCulture),
            ["currency"] = invoice.Currency.ToString(),
            ["hashAlgorithm"] = invoice.HashAlgorithm.ToString(),
            ["createdAt"] = invoice.CreatedAt,
            ["expiresAt"] = ExpiresAt(invoice),
            ["invoice"] = invoice.Invoice,
        };

    private static async Task SayAsync(NodeView view, HubInvoice invoice) =>
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            invoice   {invoice.Invoice}
            hash      {invoice.PaymentHash} ({invoice.HashAlgorithm})
            status    {Words(invoice.Status)}
            amount    {(invoice.Amount is { } amount ? view.Amount(amount, invoice.UdtScript) : "any")} {view.Asset(invoice.UdtScript)}
            network   {invoice.Currency}
            made      {invoice.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC
            expires   {(ExpiresAt(invoice) is { } end ? $"{end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "never")}
            """));

    private static DateTimeOffset? ExpiresAt(HubInvoice invoice) =>
        invoice.Expiry is not { } expiry ? null
            : expiry > DateTimeOffset.MaxValue - invoice.CreatedAt ? DateTimeOffset.MaxValue
            : invoice.CreatedAt + expiry;

    private static string Words(HubInvoiceStatus? status) => status switch
    {
        null => "not this node's invoice",
        HubInvoiceStatus.Open => "open: nobody has paid yet",
        HubInvoiceStatus.Received => "received: a payment is held and not ours yet",
        HubInvoiceStatus.Paid => "paid",
        HubInvoiceStatus.Cancelled => "cancelled; a payment under way may still make it paid",
        HubInvoiceStatus.Expired => "expired; a payment under way may still make it paid",
        _ => status.ToString()!,
    };
}
