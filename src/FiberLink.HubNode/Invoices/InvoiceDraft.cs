namespace FiberLink.HubNode.Invoices;

/// <summary>What a node is asked to put into an invoice of its own. What isn't set is left out, as the node does.</summary>
public sealed record InvoiceDraft
{
    public required FiberCurrency Currency { get; init; }

    /// <summary>In the asset's smallest unit; null leaves it to the payer.</summary>
    public UInt128? Amount { get; init; }

    /// <summary>Fractions of a millisecond are dropped.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required PaymentHash PaymentHash { get; init; }

    public string? Description { get; init; }

    /// <summary>Fractions of a second are dropped.</summary>
    public TimeSpan? Expiry { get; init; }

    public string? FallbackAddress { get; init; }

    public InvoiceFeatures? Features { get; init; }

    /// <summary>Payments in parts need one; 32 bytes.</summary>
    public InvoiceAttribute.PaymentSecret? PaymentSecret { get; init; }

    /// <summary>How long the last hop's lock must still run; fractions of a millisecond are dropped.</summary>
    public TimeSpan? FinalExpiryDelta { get; init; }

    public UdtScript? UdtScript { get; init; }

    /// <summary>Left out means CKB's hash, as does saying it.</summary>
    public InvoiceHashAlgorithm? HashAlgorithm { get; init; }

    /// <summary>An invoice by this key, its attributes in the order that nodes write them in.</summary>
    /// <exception cref="ArgumentException">There cannot be such an invoice.</exception>
    public FiberInvoice Sign(InvoiceKey payee) => payee.Sign(new(
        Currency,
        Amount,
        DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt.ToUnixTimeMilliseconds()),
        PaymentHash,
        [.. Attributes(payee.PublicKey)]));

    private IEnumerable<InvoiceAttribute> Attributes(PublicKey payee) => new InvoiceAttribute?[]
    {
        Description is null ? null : new InvoiceAttribute.Description(Description),
        Expiry is { } expiry ? new InvoiceAttribute.ExpiryTime(Whole(expiry, TimeSpan.TicksPerSecond, nameof(Expiry))) : null,
        FallbackAddress is null ? null : new InvoiceAttribute.FallbackAddress(FallbackAddress),
        Features is null ? null : new InvoiceAttribute.Feature(Features),
        PaymentSecret,
        FinalExpiryDelta is { } delta
            ? new InvoiceAttribute.FinalHtlcMinimumExpiryDelta(Whole(delta, TimeSpan.TicksPerMillisecond, nameof(FinalExpiryDelta)))
            : null,
        UdtScript is null ? null : new InvoiceAttribute.Udt(UdtScript),
        HashAlgorithm is { } algorithm ? new InvoiceAttribute.HashAlgorithm(algorithm) : null,
        new InvoiceAttribute.PayeePublicKey(payee),
    }.OfType<InvoiceAttribute>();

    private static ulong Whole(TimeSpan time, long ticks, string name) =>
        time >= TimeSpan.Zero ? (ulong)(time.Ticks / ticks) : throw new ArgumentException($"{name} is less than nothing.");
}
