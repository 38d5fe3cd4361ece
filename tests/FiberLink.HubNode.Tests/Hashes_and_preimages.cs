namespace FiberLink.HubNode.Tests;

public sealed class Hashes_and_preimages
{
    private const string One = "0x0000000000000000000000000000000000000000000000000000000000000001";

    [Theory]
    [InlineData(One, InvoiceHashAlgorithm.CkbHash, "0xcb7bce98a778f130d34da522623d7e56705bddfe0dc4781bd2331211134a19a5")]
    [InlineData(
        "0x0000000000000000000000000000000000000000000000000000000000000007",
        InvoiceHashAlgorithm.CkbHash,
        "0x4c0f4219edf81e88dbbf90eb1467575cad759e40238b09b66d320a2803d888d1")]
    [InlineData(One, InvoiceHashAlgorithm.Sha256, "0xec4916dd28fc4c10d78e287ca5d9cc51ee1ae73cbfde08c6b37324cbfaac8bc5")]
    public void A_preimage_opens_its_hash(string preimage, InvoiceHashAlgorithm algorithm, string hash) =>
        Assert.Equal(PaymentHash.Parse(hash), Preimage.Parse(preimage).Hash(algorithm));

    [Fact]
    public void The_preimages_that_real_nodes_settled_with_open_their_invoices()
    {
        var settled = Vector.Recorded("settle_invoice").Where(call => call.Answer.Find("result") is not null).ToList();

        Assert.NotEmpty(settled);
        Assert.All(settled, call =>
        {
            var preimage = Preimage.Parse(call.Parameters.GetProperty("payment_preimage").GetString()!);
            var hash = PaymentHash.Parse(call.Parameters.GetProperty("payment_hash").GetString()!);
            Assert.Contains(hash, Enum.GetValues<InvoiceHashAlgorithm>().Select(preimage.Hash));
        });
    }

    [Fact]
    public void A_preimage_is_never_printed()
    {
        var invoice = new NewInvoice(
            1, FiberCurrency.Fibt, Preimage.Parse(One.Replace('1', 'e')), InvoiceHashAlgorithm.CkbHash, TimeSpan.FromHours(1), null, null);

        Assert.Equal("preimage(hidden)", invoice.Preimage.ToString());
        Assert.DoesNotContain("000e", invoice.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("0x000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("0x00000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("0X0000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("0x000000000000000000000000000000000000000000000000000000000000000g")]
    public void Anything_else_than_64_digits_is_no_hash(string text)
    {
        Assert.False(PaymentHash.TryParse(text, out _));
        Assert.Throws<FormatException>(() => PaymentHash.Parse(text));
        Assert.False(Preimage.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Preimage.Parse(text));
    }

    [Fact]
    public void Hashes_are_equal_by_value_and_written_in_lower_case()
    {
        var upper = PaymentHash.Parse($"0x{new string('A', 64)}");
        var lower = PaymentHash.Parse($"0x{new string('a', 64)}");

        Assert.Equal(lower, upper);
        Assert.Equal($"0x{new string('a', 64)}", upper.ToString());
        Assert.Equal(lower, PaymentHash.FromBytes(lower.ToBytes()));
        Assert.Throws<ArgumentException>(() => PaymentHash.FromBytes(new byte[31]));
        Assert.Throws<ArgumentException>(() => Preimage.FromBytes(new byte[33]));
    }
}
