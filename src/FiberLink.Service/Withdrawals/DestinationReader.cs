using System.Diagnostics;
using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.HubNode.Invoices;
using FiberLink.Service.NodeLanguage;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Withdrawals;

/// <summary>What came of reading where a withdrawal is to go.</summary>
internal abstract record DestinationReading
{
    private DestinationReading()
    {
    }

    /// <param name="Destination">In its one form: an address is written in full, whichever way it came.</param>
    /// <param name="Minimum">
    /// The least that is sent, in smallest units: what a cell of the recipient's takes up, or what is set for a token; 0 for an invoice.
    /// </param>
    /// <param name="Fee">The most that the way costs the member, in smallest units.</param>
    /// <param name="Capacity">Shannon that the hub puts into the recipient's cell beside a token; 0 for coins and invoices.</param>
    public sealed record Read(Destination Destination, UInt128 Minimum, UInt128 Fee, UInt128 Capacity = default) : DestinationReading;

    /// <param name="Why">For the member to read.</param>
    public sealed record Refused(string Why) : DestinationReading;
}

/// <summary>Reads addresses and invoices, and holds them against what is to be paid. No node is shown what was not read here.</summary>
internal sealed class DestinationReader(AssetSettings assets, ServiceSettings settings, TimeProvider time)
{
    // What is sent to the node with seconds to spare comes back as a failure.
    private static readonly TimeSpan InvoiceTimeLeftMin = TimeSpan.FromSeconds(30);

    private const int PerMille = 1_000;

    private static readonly string[] AddressPrefixes = ["ckt1", "ckb1"];

    /// <summary>The chain that addresses are of.</summary>
    public ChainParameters Chain { get; } = WalletChain.Of(settings);

    public DestinationReading Read(DestinationKind kind, string text, Amount amount) =>
        kind is DestinationKind.CkbAddress ? ReadAddress(text, amount.Asset) : ReadInvoice(kind, text, amount);

    /// <summary>The payment hash of an invoice; null where the text is none.</summary>
    public static string? PaymentHashOf(string text) =>
        InvoiceCodec.Decode(text) is InvoiceReading.Decoded { Invoice: var invoice } ? invoice.PaymentHash.ToString() : null;

    /// <summary>What a text that says no more of itself is meant as: every address begins with the name of a chain.</summary>
    public static DestinationKind KindOf(string text) =>
        AddressPrefixes.Any(prefix => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            ? DestinationKind.CkbAddress
            : DestinationKind.PaymentRequest;

    /// <summary>An address written in full, however it came; an invoice in lower case; anything else as it came.</summary>
    public string InOneForm(DestinationKind kind, string text) =>
        kind is DestinationKind.CkbAddress
            ? AddressCodec.Read(text, Chain) is AddressReading.Read read ? AddressCodec.Write(read.Lock, Chain) : text
            : InvoiceCodec.Decode(text) is InvoiceReading.Decoded ? InLowerCase(text) : text;

    /// <summary>Whether it is an address of this chain, or an invoice: something that a withdrawal's destination can be.</summary>
    public bool CanBeRead(DestinationKind kind, string text) =>
        kind is DestinationKind.CkbAddress
            ? AddressCodec.Read(text, Chain) is AddressReading.Read
            : InvoiceCodec.Decode(text) is InvoiceReading.Decoded;

    /// <summary>The lock that an address stands for; what is stored was read once already.</summary>
    public Script LockOf(string address) =>
        AddressCodec.Read(address, Chain) is AddressReading.Read read
            ? read.Lock
            : throw new InvalidOperationException("A stored address is no address of this chain.");

    private DestinationReading ReadAddress(string text, Asset asset)
    {
        if (KindOf(text) is not DestinationKind.CkbAddress)
        {
            return new DestinationReading.Refused("withdrawal destination must be a CKB address (ckt1... or ckb1...)");
        }

        return AddressCodec.Read(text, Chain) switch
        {
            AddressReading.Refused refused => new DestinationReading.Refused($"invalid CKB destination address: {refused.Detail}"),

            AddressReading.Read { Lock: var recipient } when asset != Asset.Ckb => ReadForToken(recipient, assets.Of(asset)),
            AddressReading.Read { Lock: var recipient } => new DestinationReading.Read(
                new(DestinationKind.CkbAddress, AddressCodec.Write(recipient, Chain), null, null),
                CellOutput.OccupiedShannon(recipient, type: null, dataLength: 0),
                settings.Payouts.FeeRate),
            var other => throw new UnreachableException($"{other.GetType().Name} is no reading."),
        };
    }

    // A token's cell takes coins of the hub's with it. It is for operators to say that it may, and for how little of the token.
    private DestinationReading ReadForToken(Script recipient, AssetDefinition token)
    {
        if (token.ChainMinimum is not { } minimum || TokenTypes.Of(token.Script) is not { } type)
        {
            return new DestinationReading.Refused("CKB address withdrawal destination currently supports only CKB asset");
        }

        var capacity = CellOutput.OccupiedShannon(recipient, type, Cell.UdtDataLength);
        return capacity > settings.Payouts.TokenCapacityMax
            ? new DestinationReading.Refused(
                $"CKB destination address takes a cell of {assets.Format(new(Asset.Ckb, capacity))} CKB for {token.Asset}, more than "
                + $"{assets.Format(new(Asset.Ckb, settings.Payouts.TokenCapacityMax))} CKB")
            : new DestinationReading.Read(
                new(DestinationKind.CkbAddress, AddressCodec.Write(recipient, Chain), null, null), minimum, Fee: 0, capacity);
    }

    private DestinationReading ReadInvoice(DestinationKind kind, string text, Amount amount) =>
        InvoiceCodec.Decode(text) switch
        {
            InvoiceReading.Refused refused => new DestinationReading.Refused($"invalid payment request: {refused.Detail}"),
            InvoiceReading.Decoded { Invoice: var invoice } => Checked(kind, text, invoice, amount),
            var other => throw new UnreachableException($"{other.GetType().Name} is no reading."),
        };

    private DestinationReading Checked(DestinationKind kind, string text, FiberInvoice invoice, Amount amount)
    {
        var expected = new InvoiceExpectation
        {
            Currency = settings.Network,
            Amount = amount.Units,
            UdtScript = NodeWords.ToNode(assets.Of(amount.Asset).Script),
            TimeLeftMin = InvoiceTimeLeftMin,

            // Our node does not pay itself. What is a tip's is paid without it.
            NotPayee = kind is not DestinationKind.TipInvoice && settings.NodePubkey is { } key ? PublicKey.Parse(key) : null,
            AllowsMpp = kind is DestinationKind.TipInvoice,
        };
        return expected.DifferencesOf(invoice, time.GetUtcNow()) is [var difference, ..]
            ? new DestinationReading.Refused($"payment request cannot be paid: {difference.Detail}")
            : new DestinationReading.Read(
                new(kind, InLowerCase(text), invoice.PaymentHash.ToString(), invoice.ExpiresAt),
                0,
                kind is DestinationKind.TipInvoice ? 0 : RoutingFee(amount.Units));
    }

    // Capital letters say the same, and must not be another destination to who denies one.
    private static string InLowerCase(string invoice) => invoice.ToLowerInvariant();

    // Rounded up, as the node does.
    private UInt128 RoutingFee(UInt128 units)
    {
        var perMille = (UInt128)settings.Payouts.RoutingFeePerMille;
        return (units / PerMille * perMille) + (((units % PerMille * perMille) + PerMille - 1) / PerMille);
    }
}
