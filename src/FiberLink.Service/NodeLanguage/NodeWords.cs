using System.Globalization;
using FiberLink.Domain.Money;
using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.HubNode;
using FiberLink.Service.Messages;
using FiberLink.Service.Startup;

namespace FiberLink.Service.NodeLanguage;

/// <summary>Between the node's words for an invoice and the domain's.</summary>
internal sealed class NodeWords(AssetSettings assets, ServiceSettings settings)
{
    // An invoice that never expires is watched as if it did after this long.
    private static readonly TimeSpan NoExpiry = TimeSpan.FromDays(365);

    public NodeInvoice ToDomain(HubInvoice invoice)
    {
        var script = invoice.UdtScript is { } s ? new TokenScript(s.CodeHash, s.HashType, s.Args) : null;

        // Another network's coin is not our asset, whatever its script says.
        var asset = invoice.Currency == settings.Network ? assets.OfScript(script) : null;
        var text = $"{invoice.Currency}/{(script is null ? "CKB" : $"{script.CodeHash}:{script.HashType}:{script.Args}")}";
        return new(
            invoice.Invoice,
            invoice.PaymentHash.ToString(),
            asset,
            text,
            invoice.Amount,
            invoice.CreatedAt,
            invoice.CreatedAt + (invoice.Expiry ?? NoExpiry));
    }

    public ObservedInvoice ToMessage(HubInvoice invoice)
    {
        var known = ToDomain(invoice);
        return new(
            known.Invoice,
            known.PaymentHash,
            known.Asset?.Code,
            known.AssetText,
            known.Units?.ToString(CultureInfo.InvariantCulture),
            known.CreatedAt,
            known.ExpiresAt);
    }

    public static NodeInvoice ToDomain(ObservedInvoice invoice) =>
        new(
            invoice.Invoice,
            invoice.PaymentHash,
            invoice.Asset is { } code ? new Asset(code) : null,
            invoice.AssetText,
            invoice.Units is { } units ? UInt128.Parse(units, CultureInfo.InvariantCulture) : null,
            invoice.CreatedAt,
            invoice.ExpiresAt);

    public static UdtScript? ToNode(TokenScript? script) =>
        script is null ? null : new UdtScript(script.CodeHash, script.HashType, script.Args);
}
