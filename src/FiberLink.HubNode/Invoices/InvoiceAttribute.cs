namespace FiberLink.HubNode.Invoices;

/// <summary>One of the things that an invoice may say beside hash, time and amount. The set is closed; each comes at most once.</summary>
public abstract record InvoiceAttribute
{
    private InvoiceAttribute()
    {
    }

    /// <summary>The node's name for it.</summary>
    public string Name => this switch
    {
        ExpiryTime => "expiry_time",
        Description => "description",
        FinalHtlcTimeout => "final_htlc_timeout",
        FinalHtlcMinimumExpiryDelta => "final_htlc_minimum_expiry_delta",
        FallbackAddress => "fallback_addr",
        Feature => "feature",
        Udt => "udt_script",
        PayeePublicKey => "payee_public_key",
        HashAlgorithm => "hash_algorithm",
        _ => "payment_secret",
    };

    /// <summary>How long after its making the invoice can be paid. Without it the invoice never expires.</summary>
    public sealed record ExpiryTime(ulong Seconds) : InvoiceAttribute;

    /// <summary>What wallets show. A node writes at most 639 bytes of UTF-8, and reads more.</summary>
    public sealed record Description(string Text) : InvoiceAttribute;

    /// <summary>Of nodes before 0.6; says nothing any more.</summary>
    public sealed record FinalHtlcTimeout(ulong Milliseconds) : InvoiceAttribute;

    /// <summary>How long the last hop's lock must still run when the payment arrives.</summary>
    public sealed record FinalHtlcMinimumExpiryDelta(ulong Milliseconds) : InvoiceAttribute;

    /// <summary>An address on the chain, as free text that no node checks.</summary>
    public sealed record FallbackAddress(string Text) : InvoiceAttribute;

    /// <summary>What the payee's node can do and wants done.</summary>
    public sealed record Feature(InvoiceFeatures Features) : InvoiceAttribute;

    /// <summary>The token asked for. Without it CKB is.</summary>
    public sealed record Udt(UdtScript Script) : InvoiceAttribute;

    /// <summary>Who is to be paid. Nodes refuse to pay an invoice without it.</summary>
    public sealed record PayeePublicKey(PublicKey Key) : InvoiceAttribute;

    /// <summary>How preimage and hash belong together. Without it, by CKB's hash.</summary>
    public sealed record HashAlgorithm(InvoiceHashAlgorithm Algorithm) : InvoiceAttribute;

    /// <summary>Shows the payee that all parts of a payment come from one who has read the invoice. It protects nothing else.</summary>
    public sealed record PaymentSecret : InvoiceAttribute
    {
        private readonly Bytes32 _value;

        /// <summary>Takes exactly 32 bytes.</summary>
        /// <exception cref="ArgumentException">There are more or fewer than 32.</exception>
        public PaymentSecret(ReadOnlySpan<byte> bytes) => _value = Bytes32.From(bytes);

        /// <summary>A fresh array of the 32 bytes.</summary>
        public byte[] ToBytes()
        {
            var bytes = new byte[Bytes32.Length];
            _value.CopyTo(bytes);
            return bytes;
        }

        /// <summary><c>0x</c> and 64 lower-case digits, as the node writes it.</summary>
        public string ToHex() => _value.ToHex();

        /// <summary>Always the same text.</summary>
        public override string ToString() => "PaymentSecret(hidden)";
    }
}
