using FiberLink.Crypto;
using FiberLink.Domain.Tips;
using FiberLink.Events.Tips;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.NodeLanguage;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;

using Handled = FiberLink.Service.CommandHandling.Handled<FiberLink.Domain.Tips.TipState, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Service.Tips;

/// <summary>
/// Gets a requested tip its invoice. The preimage is derived from the tip, so the node can be asked any number of times: it
/// makes the invoice once, and afterwards answers with the one it made.
/// </summary>
internal sealed partial class InvoiceIssuer(
    IHubNode node,
    TipCommands tips,
    TipSecrets secrets,
    AssetSettings assets,
    ServiceSettings settings,
    NodeWords words,
    StopPoints stops,
    TimeProvider time,
    ILogger<InvoiceIssuer> log)
{
    /// <summary>Asks the node, and records its invoice.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="tip">What was agreed.</param>
    /// <param name="rows">Commit with what is recorded.</param>
    /// <param name="context">Who stands behind it.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<Issued> IssueAsync(
        string tenant, TipTerms tip, IReadOnlyList<CommitRow> rows, CommandContext context, CancellationToken ct)
    {
        var order = OrderOf(tip);
        var answer = await node.CreateInvoiceAsync(order, ct);
        stops.Reach(StopPoints.CreateNodeAnswered);
        if (answer is not NodeAnswer<HubInvoice>.Ok { Value: var invoice })
        {
            return new Issued.NodeFailed(((NodeAnswer<HubInvoice>.Failed)answer).Failure);
        }

        // Payers pay the text. It is read here, and what the node says about it is believed where the text says it too.
        var now = time.GetUtcNow();
        var differences = ExpectationOf(order).DifferencesOf(invoice, now);
        foreach (var difference in differences)
        {
            LogDifference(tenant, tip.TipId, difference.ToString());
        }

        TipCommand command = differences.Count == 0
            ? new TipCommand.IssueInvoice(words.ToDomain(invoice), now)
            : new TipCommand.RejectInvoice(now);
        var handled = await tips.ApplyAsync(tenant, tip.TipId, command, rows, context, ct);
        stops.Reach(StopPoints.CreateInvoiceStored);
        if (handled is Handled.Accepted { State: TipState.Cancelled { Reason: CancelReason.InvoiceDiffers } })
        {
            // Best effort: nobody was shown it, and it stays watched whether or not the node lets go of it.
            await node.CancelInvoiceAsync(PaymentHash.Parse(tip.Order.PaymentHash), ct);
        }

        return new Issued.Answered(handled);
    }

    private NewInvoice OrderOf(TipTerms tip) =>
        new(
            tip.Amount.Units,
            Enum.Parse<FiberCurrency>(tip.Order.Currency),
            secrets.PreimageOf(tip.Order.PreimageKeyId, tip.TipId),
            ToNode(tip.Order.HashAlgorithm),
            TimeSpan.FromSeconds(tip.Order.ExpirySeconds),
            NodeWords.ToNode(assets.Of(tip.Amount.Asset).Script),
            null);

    // Our own node may be paid in parts: it is the payee who would keep too much, and that is us.
    private InvoiceExpectation ExpectationOf(NewInvoice order) =>
        new()
        {
            Currency = order.Currency,
            Amount = order.Amount,
            UdtScript = order.UdtTypeScript,
            PaymentHash = order.Preimage.Hash(order.HashAlgorithm),
            HashAlgorithm = order.HashAlgorithm,
            Expiry = order.Expiry,
            Payee = settings.NodePubkey is { } key ? PublicKey.Parse(key) : null,
            AllowsMpp = true,
        };

    [LoggerMessage(2204, LogLevel.Error, "The invoice that the node made for tip {TipId} of {App} is not as ordered. {Difference}")]
    private partial void LogDifference(string app, Guid tipId, string difference);

    public static InvoiceHashAlgorithm ToNode(HashAlgorithm algorithm) =>
        algorithm is HashAlgorithm.Sha256 ? InvoiceHashAlgorithm.Sha256 : InvoiceHashAlgorithm.CkbHash;
}

/// <summary>What came of asking for an invoice.</summary>
internal abstract record Issued
{
    private Issued()
    {
    }

    public sealed record Answered(Handled Handled) : Issued;

    /// <summary>The node did not make it, or did not say; the tip is as it was and may be asked for again.</summary>
    public sealed record NodeFailed(NodeFailure Failure) : Issued;
}
