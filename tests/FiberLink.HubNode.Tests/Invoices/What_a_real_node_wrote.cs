using System.Globalization;
using System.Text.Json;
using FiberLink.Crypto.Curve;
using FiberLink.HubNode.Invoices;
using FiberLink.HubNode.Invoices.Compression;
using FiberLink.HubNode.Invoices.Molecule;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>Every invoice that a real node has made is read as the node reads it, and written as the node wrote it.</summary>
public sealed class What_a_real_node_wrote
{
    private static readonly string[] FeaturesByBit =
    [
        "GOSSIP_QUERIES_REQUIRED", "GOSSIP_QUERIES_OPTIONAL", "BASIC_MPP_REQUIRED", "BASIC_MPP_OPTIONAL",
        "TRAMPOLINE_ROUTING_REQUIRED", "TRAMPOLINE_ROUTING_OPTIONAL",
    ];

    [Fact]
    public void Every_invoice_of_a_testnet_node_says_the_same_to_us()
    {
        var vectors = Vector.Read("invoices-testnet").EnumerateArray().ToList();

        Assert.Equal(60, vectors.Count);
        Assert.All(vectors, vector =>
        {
            var text = Text(vector, "invoice_address");
            var invoice = Invoices.Read(text);

            AssertSame(vector.GetProperty("invoice"), invoice);
            Assert.Equal(Text(vector, "recovered_pubkey"), invoice.Signer.ToString());
            Assert.Equal(text, InvoiceCodec.Encode(invoice));
        });
    }

    [Fact]
    public void Each_layer_of_an_invoice_of_a_testnet_node_is_the_same() =>
        Assert.All(Vector.Read("invoices-testnet").EnumerateArray(), vector =>
        {
            var molecule = Convert.FromHexString(Text(vector, "molecule_hex"));
            var packed = Convert.FromHexString(Text(vector, "compressed_hex"));
            var digest = Convert.FromHexString(Text(vector, "signing_hash"));
            var invoice = Invoices.Read(Text(vector, "invoice_address"));

            Assert.Equal(molecule, ContentsForm.Write(invoice.Contents));
            Assert.Equal(packed, AdaptiveCode.Pack(molecule));
            Assert.Equal(Unpacking.Done, AdaptiveCode.TryUnpack(packed, molecule.Length, out var unpacked));
            Assert.Equal(molecule, unpacked);
            Assert.Equal(Unpacking.TooLong, AdaptiveCode.TryUnpack(packed, molecule.Length - 1, out _));
            Assert.Equal(digest, SigningDigest.Of(InvoiceCodec.Pack(invoice.Contents).Prefix, packed));
            Assert.True(Secp256k1.Verify(digest, invoice.Signature.R, invoice.Signature.S, invoice.Payee!.Value.ToPoint()));
        });

    [Fact]
    public void What_the_node_was_asked_for_is_in_the_invoice_it_made() =>
        Assert.All(Vector.Read("invoices-testnet").EnumerateArray(), vector =>
        {
            var request = vector.GetProperty("request");
            var invoice = Invoices.Read(Text(vector, "invoice_address"));

            Assert.Equal(request.Find("description")?.GetString(), invoice.Description);
            Assert.Equal(request.Find("allow_mpp")?.GetBoolean() ?? false, invoice.AllowsMpp);
            Assert.Equal(request.Find("allow_trampoline_routing")?.GetBoolean() ?? false, invoice.AllowsTrampolineRouting);
            Assert.Equal(
                request.Find("expiry")?.GetString(),
                invoice.Expiry is { } expiry ? Hex((UInt128)expiry.TotalSeconds) : null);
            Assert.Equal(
                request.Find("udt_type_script") is { } script
                    ? new UdtScript(Text(script, "code_hash"), Text(script, "hash_type"), Text(script, "args"))
                    : null,
                invoice.UdtScript);
        });

    [Fact]
    public void The_invoice_of_a_mainnet_node()
    {
        var result = Vector.Read("mainnet-new-invoice").GetProperty("result");
        var text = Text(result, "invoice_address");
        var invoice = Invoices.Read(text);

        AssertSame(result.GetProperty("invoice"), invoice);
        Assert.Equal(text, InvoiceCodec.Encode(invoice));
        Assert.Equal(Preimage.Parse($"0x{1:x64}").Hash(InvoiceHashAlgorithm.CkbHash), invoice.PaymentHash);
    }

    [Fact]
    public void Every_invoice_in_the_recorded_calls()
    {
        var results = Vector.Read("rpc-transcript").EnumerateArray()
            .Select(call => call.GetProperty("response").Find("result"))
            .OfType<JsonElement>()
            .Where(result => result.ValueKind == JsonValueKind.Object && result.Find("invoice_address") is not null)
            .ToList();

        Assert.NotEmpty(results);
        Assert.All(results, result =>
        {
            var text = Text(result, "invoice_address");
            var invoice = Invoices.Read(text);
            AssertSame(result.GetProperty("invoice"), invoice);
            Assert.Equal(text, InvoiceCodec.Encode(invoice));
        });
    }

    internal static void AssertSame(JsonElement recorded, FiberInvoice invoice)
    {
        var data = recorded.GetProperty("data");
        Assert.Equal(Text(recorded, "currency"), invoice.Currency.ToString());
        Assert.Equal(recorded.Find("amount")?.GetString(), invoice.Amount is { } amount ? Hex(amount) : null);
        Assert.Equal(Text(recorded, "signature"), Convert.ToHexStringLower(Bech32.ToGroups(invoice.Signature.ToBytes())));
        Assert.Equal(Text(data, "timestamp"), Hex((UInt128)invoice.CreatedAt.ToUnixTimeMilliseconds()));
        Assert.Equal(Text(data, "payment_hash"), invoice.PaymentHash.ToString());
        Assert.Equal(
            data.GetProperty("attrs").EnumerateArray().Select(a => a.EnumerateObject().Single()).Select(a => (a.Name, ToldAs(a.Value))),
            invoice.Contents.Attributes.Select(a => (a.Name, ToldAs(a))));
    }

    private static string ToldAs(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? string.Join(' ', value.EnumerateArray()) : value.GetString()!;

    private static string ToldAs(InvoiceAttribute attribute) => attribute switch
    {
        InvoiceAttribute.ExpiryTime a => Hex(a.Seconds),
        InvoiceAttribute.Description a => a.Text,
        InvoiceAttribute.FinalHtlcTimeout a => Hex(a.Milliseconds),
        InvoiceAttribute.FinalHtlcMinimumExpiryDelta a => Hex(a.Milliseconds),
        InvoiceAttribute.FallbackAddress a => a.Text,
        InvoiceAttribute.Feature a => FeatureNames(a.Features),
        InvoiceAttribute.Udt a => $"0x{Convert.ToHexStringLower(a.Script.ToMolecule())}",
        InvoiceAttribute.PayeePublicKey a => a.Key.ToString(),
        InvoiceAttribute.HashAlgorithm a => a.Algorithm == InvoiceHashAlgorithm.Sha256 ? "sha256" : "ckb_hash",
        InvoiceAttribute.PaymentSecret a => a.ToHex(),
        _ => throw new ArgumentOutOfRangeException(nameof(attribute)),
    };

    private static string FeatureNames(InvoiceFeatures features) =>
        string.Join(' ', FeaturesByBit.Where((_, bit) => features.Has(bit)));

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;

    private static string Hex(UInt128 value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
