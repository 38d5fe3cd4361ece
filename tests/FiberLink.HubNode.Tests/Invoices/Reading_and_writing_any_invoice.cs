using FiberLink.HubNode.Invoices;
using FiberLink.HubNode.Invoices.Molecule;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.HubNode.Tests.Invoices;

#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
public sealed class Reading_and_writing_any_invoice
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    [Fact]
    public void Every_invoice_comes_back_from_its_text_whole() =>
        Holds(1_000, (random, forger) =>
        {
            var invoice = AnyInvoice(random, forger);
            var text = InvoiceCodec.Encode(invoice);
            var back = Invoices.Read(text);

            Assert.Equal(invoice, back);
            Assert.Equal(invoice.GetHashCode(), back.GetHashCode());
            Assert.Equal(forger.PublicKey, back.Signer);
            Assert.Equal(text, InvoiceCodec.Encode(back));
            Assert.Equal(back, Invoices.Read(text.ToUpperInvariant()));
        });

    [Fact]
    public void Every_invoice_signed_by_the_platform_comes_back_too() =>
        Holds(100, (random, _) =>
        {
            using var key = InvoiceKey.Generate();
            var invoice = key.Sign(new RandomInvoices(random).Next(key.PublicKey));

            Assert.Equal(key.PublicKey, invoice.Signer);
            Assert.Equal(invoice, Invoices.Read(InvoiceCodec.Encode(invoice)));
        });

    [Fact]
    public void Everything_that_is_said_comes_back_from_its_bytes_and_from_no_part_of_them() =>
        Holds(500, (random, forger) =>
        {
            var contents = new RandomInvoices(random).Next(forger.PublicKey);
            var prefix = new InvoicePrefix(contents.Currency, contents.Amount);
            var bytes = ContentsForm.Write(contents);

            Assert.True(ContentsForm.Read(prefix, bytes).Is(out var back, out _));
            Assert.Equal(contents, back);
            Assert.False(ContentsForm.Read(prefix, bytes.AsSpan(..^random.Next(1, bytes.Length))).Is(out _, out _));
            Assert.False(ContentsForm.Read(prefix, [.. bytes, 0]).Is(out _, out _));
        });

    [Fact]
    public void No_letter_can_be_changed_left_out_doubled_or_exchanged_with_its_neighbour() =>
        Holds(1_000, (random, forger) =>
        {
            var text = InvoiceCodec.Encode(AnyInvoice(random, forger));
            var at = random.Next(text.Length - 1);
            var other = Alphabet.Where(c => c != text[at]).ElementAt(random.Next(31));
            string[] changed =
            [
                $"{text[..at]}{other}{text[(at + 1)..]}",
                text.Remove(at, 1),
                text.Insert(at, $"{other}"),
                text.Insert(at, $"{text[at]}"),
                text[at] == text[at + 1] ? "" : $"{text[..at]}{text[at + 1]}{text[at]}{text[(at + 2)..]}",
            ];

            // Doubled and left out letters may run into the prefix, and so make it another amount: the checksum doesn't let that pass.
            Assert.All(changed, c => Assert.IsType<InvoiceReading.Refused>(InvoiceCodec.Decode(c)));
        });

    [Fact]
    public void No_text_at_all_makes_it_throw() =>
        Prop.ForAll<string>(text => text is null || InvoiceCodec.Decode(text) is InvoiceReading.Refused).Check(
            Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Different_invoices_are_not_equal() =>
        Holds(200, (random, forger) =>
        {
            var contents = new RandomInvoices(random).Next(forger.PublicKey);
            InvoiceContents[] others =
            [
                contents with { Amount = contents.Amount is null ? 1 : null },
                contents with { CreatedAt = contents.CreatedAt.AddMilliseconds(-1) },
                contents with { Currency = contents.Currency == FiberCurrency.Fibb ? FiberCurrency.Fibt : FiberCurrency.Fibb },
                contents with { Attributes = contents.Attributes.RemoveAt(0) },
                contents with { PaymentHash = PaymentHash.FromBytes(new RandomInvoices(random).Bytes(32)) },
            ];

            Assert.All(others, other => Assert.NotEqual(contents, other));
        });

    private static FiberInvoice AnyInvoice(Random random, Forger forger) =>
        forger.Invoice(new RandomInvoices(random).Next(random.Next(4) == 0 ? null : forger.PublicKey));

    /// <summary>For so many seeds; the one that breaks it is printed.</summary>
    private static void Holds(int examples, Action<Random, Forger> check) =>
        Prop.ForAll<int>(seed => check(new(seed), new((uint)seed + 1UL))).Check(
            Config.QuickThrowOnFailure.WithMaxTest(examples).WithEndSize(int.MaxValue));
}
