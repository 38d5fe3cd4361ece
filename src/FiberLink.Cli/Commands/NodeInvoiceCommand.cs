using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;

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
        var (told, written) = PaymentHash.TryParse(text, out var hash)
            ? await ByHashAsync(view, hash, ct)
            : await ByTextAsync(view, text.Trim(), ct);
        await (view.AsJson ? Printer.JsonAsync(Json(view, told, written)) : SayAsync(view, told, written));
        return ExitCode.Done;
    }

    private static async Task<(HubInvoice Told, FiberInvoice? Written)> ByHashAsync(NodeView view, PaymentHash hash, CancellationToken ct)
    {
        var told = NodeView.Value(await view.Node.FindInvoiceAsync(hash, ct));
        return (told, InvoiceCodec.Decode(told.Invoice) is InvoiceReading.Decoded decoded ? decoded.Invoice : null);
    }

    /// <summary>Read here and not by the node, which a crafted text can bring down; the node is asked only whether it knows it.</summary>
    private static async Task<(HubInvoice Told, FiberInvoice? Written)> ByTextAsync(NodeView view, string text, CancellationToken ct)
    {
        if (InvoiceCodec.Decode(text) is not InvoiceReading.Decoded { Invoice: var written })
        {
            var refused = (InvoiceReading.Refused)InvoiceCodec.Decode(text);
            throw new CommandFailedException(
                ExitCode.Usage, $"That is no invoice, and no payment hash either ({refused.Reason}): {refused.Detail}");
        }

        var found = await view.Node.FindInvoiceAsync(written.PaymentHash, ct);
        return found is NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound }
            ? (Untold(text, written), written)
            : (NodeView.Value(found), written);
    }

    /// <summary>An invoice of somebody else's: what is written there, and no status.</summary>
    private static HubInvoice Untold(string text, FiberInvoice written) =>
        new(
            written.PaymentHash,
            text,
            written.Amount,
            written.Currency,
            written.UdtScript,
            Status: null,
            written.HashAlgorithm,
            written.CreatedAt,
            written.Expiry);

    private static JsonObject Json(NodeView view, HubInvoice invoice, FiberInvoice? written) =>
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
            ["payee"] = written?.Payee?.ToString(),
            ["description"] = written?.Description,
            ["allowsMultiPart"] = written?.AllowsMpp,
            ["isReadable"] = written is not null,
            ["invoice"] = invoice.Invoice,
        };

    private static async Task SayAsync(NodeView view, HubInvoice invoice, FiberInvoice? written) =>
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
            payee     {(written is null ? "unknown: the text cannot be read here" : written.Payee?.ToString() ?? "none: nobody can pay it")}
            for       {(written?.Description is { } text ? OnOneLine(text) : "-")}
            """));

    /// <summary>Somebody else has written it, and it goes to a terminal.</summary>
    private static string OnOneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

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
