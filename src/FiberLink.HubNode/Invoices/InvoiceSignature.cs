using FiberLink.HubNode.Invoices.Curve;

namespace FiberLink.HubNode.Invoices;

/// <summary>The last 65 bytes of an invoice: r, s, and which of the points with this r was meant.</summary>
public readonly record struct InvoiceSignature
{
    /// <summary>How many bytes it has.</summary>
    public const int Length = 65;

    internal InvoiceSignature(UInt256 r, UInt256 s, int recoveryId) => (R, S, RecoveryId) = (r, s, recoveryId);

    /// <summary>0 to 3.</summary>
    public int RecoveryId { get; }

    internal UInt256 R { get; }

    internal UInt256 S { get; }

    /// <summary>A fresh array of the 65 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        R.CopyTo(bytes);
        S.CopyTo(bytes.AsSpan(UInt256.Length));
        bytes[^1] = (byte)RecoveryId;
        return bytes;
    }

    /// <summary>The bytes in hexadecimal digits.</summary>
    public override string ToString() => HexBytes.Format(ToBytes());
}
