using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests.Invoices;

public sealed class Expecting_an_invoice
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Forger Payee = new(1);
    private static readonly PublicKey Other = new Forger(2).PublicKey;
    private static readonly UdtScript Token = new($"0x{new string('c', 64)}", "type", "0x01");
    private static readonly UdtScript OtherToken = new($"0x{new string('c', 64)}", "type", "0x02");
    private static readonly PaymentHash Hash = Preimage.Parse($"0x{7:x64}").Hash(InvoiceHashAlgorithm.CkbHash);

    private static readonly InvoiceContents Contents = new(
        FiberCurrency.Fibt,
        42,
        Now,
        Hash,
        [new InvoiceAttribute.ExpiryTime(3600), new InvoiceAttribute.PayeePublicKey(Payee.PublicKey)]);

    private static readonly InvoiceExpectation Expectation = new()
    {
        Currency = FiberCurrency.Fibt,
        Amount = 42,
        UdtScript = null,
        PaymentHash = Hash,
        HashAlgorithm = InvoiceHashAlgorithm.CkbHash,
        Expiry = TimeSpan.FromHours(1),
        TimeLeftMin = TimeSpan.FromMinutes(10),
        Payee = Payee.PublicKey,
        NotPayee = Other,
    };

    public static TheoryData<string, Func<InvoiceExpectation, InvoiceExpectation>> Expectations => new()
    {
        { "currency: The invoice says Fibt, not Fibb.", e => e with { Currency = FiberCurrency.Fibb } },
        { "amount: The invoice is over 42, not 43.", e => e with { Amount = 43 } },
        { "udt_script: The invoice is over CKB, not over the token.", e => e with { UdtScript = Token } },
        { $"payment_hash: The invoice says {Hash}, not {default(PaymentHash)}.", e => e with { PaymentHash = default(PaymentHash) } },
        { "hash_algorithm: The invoice says CkbHash, not Sha256.", e => e with { HashAlgorithm = InvoiceHashAlgorithm.Sha256 } },
        { "expiry_time: The invoice can be paid for 01:00:00, not for 02:00:00.", e => e with { Expiry = TimeSpan.FromHours(2) } },
        { "expiry_time: The invoice can be paid until", e => e with { TimeLeftMin = TimeSpan.FromMinutes(61) } },
        { $"payee_public_key: The invoice is to pay {Payee.PublicKey}, not {Other}.", e => e with { Payee = Other } },
        { "payee_public_key: The invoice is to pay the node that would pay it.", e => e with { NotPayee = Payee.PublicKey } },
    };

    public static TheoryData<string, Func<InvoiceContents, InvoiceContents>> Invoiced => new()
    {
        { "currency: The invoice says Fibb, not Fibt.", c => c with { Currency = FiberCurrency.Fibb } },
        { "amount: The invoice names no amount, so anything pays it.", c => c with { Amount = null } },
        { "amount: The invoice names zero, so anything pays it.", c => c with { Amount = 0 } },
        { "udt_script: The invoice is over a token, not over CKB.", With(new InvoiceAttribute.Udt(Token)) },
        { "hash_algorithm: ", With(new InvoiceAttribute.HashAlgorithm(InvoiceHashAlgorithm.Sha256)) },
        { "expiry_time: The invoice can be paid for ever, not for 01:00:00.", c => c with { Attributes = c.Attributes.RemoveAt(0) } },
        { "payee_public_key: The invoice names no payee", c => c with { Attributes = c.Attributes.RemoveAt(1) } },
        {
            "feature: The invoice may be paid in parts",
            With(new InvoiceAttribute.Feature(InvoiceFeatures.Offering(mpp: true, trampolineRouting: false)))
        },
        { "feature: The invoice demands a feature that is unknown here, in 0x40.", With(new InvoiceAttribute.Feature(new([0x40]))) },
    };

    [Fact]
    public void Nothing_speaks_against_what_is_as_expected() => Assert.Empty(Expectation.DifferencesOf(Payee.Invoice(Contents), Now));

    [Theory]
    [MemberData(nameof(Expectations))]
    public void What_was_expected_otherwise_is_named(string difference, Func<InvoiceExpectation, InvoiceExpectation> change) =>
        AssertOnly(difference, change(Expectation).DifferencesOf(Payee.Invoice(Contents), Now));

    [Theory]
    [MemberData(nameof(Invoiced))]
    public void What_is_invoiced_otherwise_is_named(string difference, Func<InvoiceContents, InvoiceContents> change) =>
        AssertOnly(difference, Expectation.DifferencesOf(Payee.Invoice(change(Contents)), Now));

    [Fact]
    public void All_that_is_wrong_is_named_at_once() =>
        Assert.Equal(
            ["currency", "amount", "udt_script", "expiry_time", "feature"],
            (Expectation with { Currency = FiberCurrency.Fibb, Amount = 1, UdtScript = OtherToken })
            .DifferencesOf(
                Payee.Invoice(With(new InvoiceAttribute.Feature(new([4])))(With(new InvoiceAttribute.Udt(Token))(Contents))),
                Now.AddHours(1)).Select(d => d.Field));

    [Fact]
    public void The_time_left_counts_to_the_millisecond()
    {
        var invoice = Payee.Invoice(Contents);
        var last = Now.AddMinutes(50);

        Assert.Empty(Expectation.DifferencesOf(invoice, last));
        AssertOnly("expiry_time: ", Expectation.DifferencesOf(invoice, last.AddMilliseconds(1)));
        AssertOnly("expiry_time: ", Expectation.DifferencesOf(invoice, DateTimeOffset.MaxValue));
        Assert.Empty((Expectation with { TimeLeftMin = null }).DifferencesOf(invoice, DateTimeOffset.MaxValue));
    }

    [Fact]
    public void What_never_expires_has_time_left()
    {
        var expectation = Expectation with { Expiry = null };

        Assert.Empty(expectation.DifferencesOf(Payee.Invoice(Contents with { Attributes = Contents.Attributes.RemoveAt(0) }), Now));
        Assert.Empty(expectation.DifferencesOf(
            Payee.Invoice(Contents with { Attributes = Contents.Attributes.SetItem(0, new InvoiceAttribute.ExpiryTime(ulong.MaxValue)) }), Now));
    }

    [Fact]
    public void More_shannon_than_there_can_be_are_not_paid_but_so_many_units_of_a_token_may_be()
    {
        var expectation = Expectation with { Amount = null };
        var much = Contents with { Amount = (UInt128)ulong.MaxValue + 1 };

        AssertOnly("amount: ", expectation.DifferencesOf(Payee.Invoice(much), Now));
        Assert.Empty((expectation with { UdtScript = Token }).DifferencesOf(
            Payee.Invoice(With(new InvoiceAttribute.Udt(Token))(much)), Now));
        Assert.Empty(expectation.DifferencesOf(Payee.Invoice(Contents with { Amount = ulong.MaxValue }), Now));
    }

    [Fact]
    public void Parts_may_be_allowed() =>
        Assert.Empty((Expectation with { AllowsMpp = true }).DifferencesOf(
            Payee.Invoice(With(new InvoiceAttribute.Feature(InvoiceFeatures.Offering(mpp: true, trampolineRouting: true)))(Contents)), Now));

    [Fact]
    public void A_nodes_answer_has_to_say_what_its_invoice_says()
    {
        var invoice = Payee.Invoice(Contents);
        var answer = new HubInvoice(
            Hash, InvoiceCodec.Encode(invoice), 42, FiberCurrency.Fibt, null, HubInvoiceStatus.Open, InvoiceHashAlgorithm.CkbHash, Now, TimeSpan.FromHours(1));

        Assert.Empty(Expectation.DifferencesOf(answer, Now));
        AssertOnly("payment_hash: The node says", Expectation.DifferencesOf(answer with { PaymentHash = default }, Now));
        AssertOnly("amount: The node says 43, but its invoice says 42.", Expectation.DifferencesOf(answer with { Amount = 43 }, Now));
        AssertOnly("amount: The node says nothing", Expectation.DifferencesOf(answer with { Amount = null }, Now));
        AssertOnly("currency: ", Expectation.DifferencesOf(answer with { Currency = FiberCurrency.Fibb }, Now));
        AssertOnly("udt_script: ", Expectation.DifferencesOf(answer with { UdtScript = Token }, Now));
        AssertOnly("hash_algorithm: ", Expectation.DifferencesOf(answer with { HashAlgorithm = InvoiceHashAlgorithm.Sha256 }, Now));
        AssertOnly("timestamp: ", Expectation.DifferencesOf(answer with { CreatedAt = Now.AddMilliseconds(1) }, Now));
        AssertOnly("expiry_time: ", Expectation.DifferencesOf(answer with { Expiry = null }, Now));
        AssertOnly("invoice_address: ", Expectation.DifferencesOf(answer with { Invoice = answer.Invoice[..^1] }, Now));

        var other = InvoiceCodec.Encode(Payee.Invoice(Contents with { Amount = 41 }));
        Assert.Equal(["amount", "amount"], Expectation.DifferencesOf(answer with { Invoice = other }, Now).Select(d => d.Field));
    }

    private static Func<InvoiceContents, InvoiceContents> With(InvoiceAttribute attribute) =>
        contents => contents with { Attributes = contents.Attributes.Add(attribute) };

    private static void AssertOnly(string start, IReadOnlyList<InvoiceDifference> differences) =>
        Assert.StartsWith(start, Assert.Single(differences).ToString(), StringComparison.Ordinal);
}
