using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests.Invoices;

public sealed class Signing_an_invoice
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, 123, TimeSpan.Zero);

    private static readonly PaymentHash Hash = Preimage.Parse($"0x{7:x64}").Hash(InvoiceHashAlgorithm.CkbHash);

    private static InvoiceDraft Draft => new() { Currency = FiberCurrency.Fibt, Amount = 42, CreatedAt = Now, PaymentHash = Hash };

    [Fact]
    public void Gives_an_invoice_that_says_what_the_draft_did_in_the_order_of_a_node()
    {
        using var key = InvoiceKey.Generate();
        var script = new UdtScript($"0x{new string('c', 64)}", "type", "0x0102");
        var draft = Draft with
        {
            Description = "café ☕ 你好 🚀",
            Expiry = TimeSpan.FromHours(1),
            FallbackAddress = "ckt1",
            Features = InvoiceFeatures.Offering(mpp: true, trampolineRouting: false),
            PaymentSecret = new(new byte[32]),
            FinalExpiryDelta = TimeSpan.FromMinutes(160),
            UdtScript = script,
            HashAlgorithm = InvoiceHashAlgorithm.Sha256,
        };

        var invoice = draft.Sign(key);

        Assert.Equal(
            [
                "description", "expiry_time", "fallback_addr", "feature", "payment_secret", "final_htlc_minimum_expiry_delta",
                "udt_script", "hash_algorithm", "payee_public_key",
            ],
            invoice.Contents.Attributes.Select(a => a.Name));
        Assert.Equal(
            (FiberCurrency.Fibt, (UInt128)42, Now, Hash), (invoice.Currency, invoice.Amount!.Value, invoice.CreatedAt, invoice.PaymentHash));
        Assert.Equal((draft.Description, draft.FallbackAddress), (invoice.Description, invoice.FallbackAddress));
        Assert.Equal((draft.Expiry, Now.AddHours(1)), (invoice.Expiry, invoice.ExpiresAt!.Value));
        Assert.Equal((draft.FinalExpiryDelta, script), (invoice.FinalExpiryDelta, invoice.UdtScript));
        Assert.Equal((InvoiceHashAlgorithm.Sha256, true, false), (invoice.HashAlgorithm, invoice.AllowsMpp, invoice.AllowsTrampolineRouting));
        Assert.Equal((key.PublicKey, key.PublicKey), (invoice.Payee!.Value, invoice.Signer));
        Assert.Equal(invoice, Invoices.Read(InvoiceCodec.Encode(invoice)));
    }

    [Fact]
    public void Leaves_out_what_was_not_said()
    {
        using var key = InvoiceKey.Generate();
        var invoice = (Draft with { Amount = null }).Sign(key);

        Assert.Equal(["payee_public_key"], invoice.Contents.Attributes.Select(a => a.Name));
        Assert.StartsWith("fibt1", InvoiceCodec.Encode(invoice), StringComparison.Ordinal);
        Assert.Null(invoice.Amount);
        Assert.Null(invoice.ExpiresAt);
        Assert.Equal(InvoiceHashAlgorithm.CkbHash, invoice.HashAlgorithm);
    }

    [Fact]
    public void A_secret_has_the_public_key_that_the_node_derives()
    {
        // The secret of the test node that wrote the vectors.
        byte[] secret = [.. Enumerable.Repeat((byte)0x11, 31), 1];
        using var key = InvoiceKey.FromSecret(secret);

        Assert.Equal("0265666e237a1523e156fddf24b8335f658f90e21330775a679b33b65fbaa38e38", key.PublicKey.ToString());
    }

    [Fact]
    public void What_is_no_secret_makes_no_key_and_is_not_repeated()
    {
        byte[][] wrong =
        [
            [], new byte[31], new byte[32], new byte[33],
            Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"),
            [.. Enumerable.Repeat((byte)0xff, 32)],
        ];

        Assert.All(wrong, secret =>
        {
            var refused = Assert.Throws<ArgumentException>(() => InvoiceKey.FromSecret(secret));
            Assert.Null(refused.InnerException);
        });
    }

    [Fact]
    public void What_could_not_be_read_back_is_not_signed()
    {
        using var key = InvoiceKey.Generate();
        using var other = InvoiceKey.Generate();
        var contents = Draft.Sign(key).Contents;
        var description = new InvoiceAttribute.Description("a");

        Refused(contents with { Attributes = [description, description] }, "description twice");
        Refused(contents with { Attributes = [new InvoiceAttribute.PayeePublicKey(other.PublicKey)] }, "wasn't signed by");
        Refused(contents with { Attributes = [new InvoiceAttribute.Description(NotCompressible(4000))] }, "letters");
        Refused(contents with { Attributes = [new InvoiceAttribute.Description(new string('a', 20_000))] }, "unpack to more than");
        Refused(contents with { Attributes = [new InvoiceAttribute.Description("\ud800")] }, "");
        Refused(contents with { CreatedAt = Now.AddTicks(1) }, "milliseconds");
        Refused(contents with { CreatedAt = DateTimeOffset.UnixEpoch.AddMilliseconds(-1) }, "9999");
        Refused(contents with { Currency = (FiberCurrency)9 }, "network");
        Assert.Throws<ArgumentException>(() => (Draft with { Expiry = TimeSpan.FromSeconds(-1) }).Sign(key));

        void Refused(InvoiceContents wrong, string why) =>
            Assert.Contains(why, Assert.ThrowsAny<ArgumentException>(() => key.Sign(wrong)).Message, StringComparison.Ordinal);
    }

    private static string NotCompressible(int length) =>
        string.Concat(Enumerable.Range(0, length).Select(i => (char)(33 + (i * i * 31 / 7 % 90))));
}
