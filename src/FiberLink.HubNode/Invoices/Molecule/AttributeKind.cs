namespace FiberLink.HubNode.Invoices.Molecule;

/// <summary>The numbers that the kinds of attributes have in an invoice.</summary>
internal enum AttributeKind : uint
{
    ExpiryTime = 0,
    Description = 1,
    FinalHtlcTimeout = 2,
    FinalHtlcMinimumExpiryDelta = 3,
    FallbackAddress = 4,
    Feature = 5,
    UdtScript = 6,
    PayeePublicKey = 7,
    HashAlgorithm = 8,
    PaymentSecret = 9,
}
