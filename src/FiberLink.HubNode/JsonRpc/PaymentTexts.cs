using System.Globalization;

namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// What the node's texts about failed payments mean. All of them stand here. Texts change with versions, so this only advises: whether
/// money may move is decided by the payment's status.
/// </summary>
internal static class PaymentTexts
{
    /// <summary>Such a refusal comes before anything is stored: the node then has no payment.</summary>
    public const string Validation = "Failed to validate payment request";

    private const string LiquidityBefore = "outbound liquidity ";

    // In this order, as some texts contain others: a first hop's error carries the code that the hop gave.
    private static readonly (string Part, PaymentFailureKind Kind)[] Parts =
    [
        (Validation, PaymentFailureKind.PermanentForInvoice),
        ("Payment session already exists", PaymentFailureKind.AlreadyExists),
        ("attempts that are in flight state", PaymentFailureKind.AlreadyExists),
        ("Failed to send onion packet", PaymentFailureKind.TransientRoute),
        ("Send payment first hop error", PaymentFailureKind.TransientRoute),
        ("Build payment route error", PaymentFailureKind.TransientRoute),
        ("Feature not enabled", PaymentFailureKind.PermanentForInvoice),
        ("MPP is not supported", PaymentFailureKind.PermanentForInvoice),
        ("max_fee_amount is too low", PaymentFailureKind.NeedsHigherFee),
        ("no path found", PaymentFailureKind.TransientRoute),
        ("Failed to build enough routes", PaymentFailureKind.TransientRoute),
        ("Can not send payment with limited attempts", PaymentFailureKind.TransientRoute),
        ("Path find failed", PaymentFailureKind.TransientRoute),
        ("Failed to build route", PaymentFailureKind.TransientRoute),
    ];

    // What a hop or the payee answered, as the bare name of its code.
    private static readonly Dictionary<string, PaymentFailureKind> Codes = new(StringComparer.Ordinal)
    {
        ["InvoiceExpired"] = PaymentFailureKind.PermanentForInvoice,
        ["InvoiceCancelled"] = PaymentFailureKind.PermanentForInvoice,
        ["IncorrectOrUnknownPaymentDetails"] = PaymentFailureKind.PermanentForInvoice,
        ["HoldTlcTimeout"] = PaymentFailureKind.PermanentForInvoice,
        ["FinalIncorrectTlcAmount"] = PaymentFailureKind.PermanentForInvoice,
        ["FinalIncorrectExpiryDelta"] = PaymentFailureKind.PermanentForInvoice,
        ["InvalidOnionPayload"] = PaymentFailureKind.PermanentForInvoice,
        ["RequiredNodeFeatureMissing"] = PaymentFailureKind.PermanentForInvoice,
        ["RequiredChannelFeatureMissing"] = PaymentFailureKind.PermanentForInvoice,
        ["PermanentNodeFailure"] = PaymentFailureKind.PermanentForInvoice,
        ["ExpiryTooFar"] = PaymentFailureKind.PermanentForInvoice,
        ["TemporaryChannelFailure"] = PaymentFailureKind.TransientRoute,
        ["TemporaryNodeFailure"] = PaymentFailureKind.TransientRoute,
        ["ChannelDisabled"] = PaymentFailureKind.TransientRoute,
        ["FeeInsufficient"] = PaymentFailureKind.TransientRoute,
        ["AmountBelowMinimum"] = PaymentFailureKind.TransientRoute,
        ["ExpiryTooSoon"] = PaymentFailureKind.TransientRoute,
        ["IncorrectTlcExpiry"] = PaymentFailureKind.TransientRoute,
        ["UnknownNextPeer"] = PaymentFailureKind.TransientRoute,
        ["PermanentChannelFailure"] = PaymentFailureKind.TransientRoute,
        ["InvalidOnionError"] = PaymentFailureKind.TransientRoute,
    };

    public static PaymentFailure Failure(string text) => new(Kind(text), NodeText.HideHashes(NodeText.Shorten(text)));

    private static PaymentFailureKind Kind(string text)
    {
        if (Codes.TryGetValue(text.Trim(), out var ofCode))
        {
            return ofCode;
        }

        // A peer that is not connected looks like this too, with nothing at all to send from.
        if (OutboundLiquidity(text) is { } liquidity)
        {
            return liquidity == 0 ? PaymentFailureKind.TransientRoute : PaymentFailureKind.NeedsLiquidity;
        }

        foreach (var (part, kind) in Parts)
        {
            if (text.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        return PaymentFailureKind.Unknown;
    }

    private static UInt128? OutboundLiquidity(string text)
    {
        var at = text.IndexOf(LiquidityBefore, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var digits = text.AsSpan(at + LiquidityBefore.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return UInt128.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            ? amount
            : null;
    }
}
