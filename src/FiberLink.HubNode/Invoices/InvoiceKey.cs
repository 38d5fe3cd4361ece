namespace FiberLink.HubNode.Invoices;

/// <summary>A node's private key, which signs its invoices.</summary>
public sealed class InvoiceKey : IDisposable
{
    private readonly SigningKey _key;

    private InvoiceKey(SigningKey key) => _key = key;

    public PublicKey PublicKey => _key.PublicKey;

    /// <summary>Draws a new key.</summary>
    public static InvoiceKey Generate() => new(SigningKey.Generate());

    /// <summary>Takes a private key. The bytes stay the caller's to wipe.</summary>
    /// <param name="secret">32 bytes, the highest first: from 1 to the order of the curve.</param>
    /// <exception cref="ArgumentException">They are something else.</exception>
    public static InvoiceKey FromSecret(ReadOnlySpan<byte> secret) => new(SigningKey.FromSecret(secret));

    /// <summary>Signs an invoice.</summary>
    /// <exception cref="ArgumentException">
    /// The contents could not be read back: a kind of attribute twice, a time before 1970, another payee, or more than fits a text.
    /// </exception>
    public FiberInvoice Sign(InvoiceContents contents)
    {
        var (prefix, packed) = InvoiceCodec.Pack(contents);
        var text = InvoiceCodec.Encode(prefix, packed, _key.Sign(SigningDigest.Of(prefix, packed)));
        return InvoiceCodec.Decode(text) switch
        {
            InvoiceReading.Decoded { Invoice: var invoice } when invoice.Contents == contents => invoice,
            InvoiceReading.Refused refused => throw new ArgumentException(refused.Detail, nameof(contents)),
            _ => throw new ArgumentException("The invoice's time isn't in whole milliseconds.", nameof(contents)),
        };
    }

    public void Dispose() => _key.Dispose();
}
