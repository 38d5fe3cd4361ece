namespace FiberLink.HubNode.Invoices;

/// <summary>What came of reading an invoice.</summary>
public abstract record InvoiceReading
{
    private InvoiceReading()
    {
    }

    /// <summary>It is an invoice, whole and signed, and a node can read it too.</summary>
    public sealed record Decoded(FiberInvoice Invoice) : InvoiceReading;

    /// <summary>It isn't, and no node should be shown it.</summary>
    /// <param name="Reason">The kind of fault.</param>
    /// <param name="Detail">A sentence for people that says what is wrong. It doesn't repeat the text.</param>
    public sealed record Refused(InvoiceRefusal Reason, string Detail) : InvoiceReading;
}

/// <summary>Why a text is no invoice. What a node of version 0.8 would do is said where it isn't simply a refusal too.</summary>
public enum InvoiceRefusal
{
    /// <summary>More letters than any invoice has. A node has no such limit.</summary>
    TooLong = 1,

    /// <summary>Upper and lower case in one text.</summary>
    MixedCase = 2,

    /// <summary>A letter that bech32 doesn't have, no separator, or nothing behind it.</summary>
    NotBech32 = 3,

    /// <summary>A letter was changed or lost, or it is of another kind, as invoices of Lightning are.</summary>
    BadChecksum = 4,

    /// <summary>It starts with something else than fibb, fibt or fibd.</summary>
    UnknownNetwork = 5,

    /// <summary>The amount has something else than digits, such as a multiplier.</summary>
    AmountNotDigits = 6,

    /// <summary>The amount is 2¹²⁸ or more.</summary>
    AmountTooLarge = 7,

    /// <summary>Zeros before the amount. A node reads it as if they weren't there, so one invoice would have many texts.</summary>
    AmountWithLeadingZeros = 8,

    /// <summary>Shorter than its signature. If it is exactly as long, a node panics.</summary>
    TooLittleData = 9,

    /// <summary>Nobody has signed. A node of version 0.8 reads it and even pays it, to whom it says.</summary>
    NotSigned = 10,

    /// <summary>The bits between data and signature aren't zero, or too many.</summary>
    BadPadding = 11,

    /// <summary>The packed data have no end. A node panics.</summary>
    NotUnpackable = 12,

    /// <summary>Unpacked, there is more than an invoice can have. A node unpacks all of it.</summary>
    UnpacksTooLarge = 13,

    /// <summary>The data can be unpacked, but would not be packed so. A node takes the signature for wrong.</summary>
    NotPackedAsWritten = 14,

    /// <summary>The unpacked data are not an invoice's.</summary>
    BadData = 15,

    /// <summary>An invoice of a node before 0.6, whose data were arranged in another way.</summary>
    OldFormat = 16,

    /// <summary>It says something of which nothing is known here.</summary>
    UnknownAttribute = 17,

    /// <summary>It says the same thing twice. A node reads it and believes the first.</summary>
    DuplicateAttribute = 18,

    /// <summary>A description or a fallback address that is no text. A node panics.</summary>
    BadUtf8 = 19,

    /// <summary>A token's script that the chain wouldn't know. A node reads some of these.</summary>
    BadUdtScript = 20,

    /// <summary>A payee that is no point on the curve. A node panics.</summary>
    BadPayee = 21,

    /// <summary>Neither CKB's hash nor SHA-256. A node would take it for CKB's, and then the signature for wrong.</summary>
    UnknownHashAlgorithm = 22,

    /// <summary>Made after the year 9999. A node reads it.</summary>
    TimeOutOfRange = 23,

    /// <summary>The signature's last byte is not 0 to 3.</summary>
    BadRecoveryId = 24,

    /// <summary>No signature has such numbers, or no key can have made it.</summary>
    BadSignature = 25,

    /// <summary>The other one of two that hold together; nodes take only the one with the lower s.</summary>
    HighSignature = 26,

    /// <summary>
    /// Signed by another key than the payee's. A node doesn't look at the recovery id when a payee is named, so it reads an invoice that
    /// is wrong in nothing else.
    /// </summary>
    PayeeMismatch = 27,
}
