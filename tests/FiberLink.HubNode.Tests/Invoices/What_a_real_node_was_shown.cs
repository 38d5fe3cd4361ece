using System.Text.Json;
using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>What a node refuses we refuse; what it reads we read, or refuse for a reason that is written down here.</summary>
public sealed class What_a_real_node_was_shown
{
    private static readonly Dictionary<string, InvoiceRefusal> Stricter = new(StringComparer.Ordinal)
    {
        ["testnet unsigned"] = InvoiceRefusal.NotSigned,
        ["dup attrs"] = InvoiceRefusal.DuplicateAttribute,
        ["leading zero amount resigned?"] = InvoiceRefusal.AmountWithLeadingZeros,
    };

    private static readonly Dictionary<string, InvoiceRefusal> RefusedByBoth = new(StringComparer.Ordinal)
    {
        ["testnet signed by other key"] = InvoiceRefusal.PayeeMismatch,
        ["mixed case"] = InvoiceRefusal.MixedCase,
        ["flip char"] = InvoiceRefusal.BadChecksum,
        ["amount changed (bad checksum)"] = InvoiceRefusal.BadChecksum,
        ["empty"] = InvoiceRefusal.NotBech32,
        ["lightning"] = InvoiceRefusal.BadChecksum,
        ["resum hrp fibx"] = InvoiceRefusal.UnknownNetwork,
        ["amount tampered w/ valid checksum"] = InvoiceRefusal.PayeeMismatch,
        ["amount > u128"] = InvoiceRefusal.AmountTooLarge,
        ["short data"] = InvoiceRefusal.TooLittleData,
    };

    private static readonly Dictionary<string, InvoiceRefusal> Panics = new(StringComparer.Ordinal)
    {
        ["len104signed"] = InvoiceRefusal.TooLittleData,
        ["garbage"] = InvoiceRefusal.NotUnpackable,
        ["badutf8"] = InvoiceRefusal.BadUtf8,
        ["badpubkey"] = InvoiceRefusal.BadPayee,
        ["badmol"] = InvoiceRefusal.BadData,
    };

    private static IReadOnlyList<JsonElement> Cases { get; } = [.. Vector.Read("parse-cases").EnumerateArray()];

    [Fact]
    public void What_it_read_we_read_alike_or_refuse_for_a_reason_of_our_own()
    {
        var read = Cases.Where(c => c.Find("result") is not null).ToList();

        Assert.Equal(11, read.Count);
        Assert.All(read, c =>
        {
            if (Stricter.TryGetValue(Name(c), out var reason))
            {
                Assert.Equal(reason, Invoices.Refusal(Text(c)));
            }
            else
            {
                var invoice = Invoices.Read(Text(c));
                What_a_real_node_wrote.AssertSame(c.GetProperty("result"), invoice);
                Assert.Equal(Text(c).ToLowerInvariant(), InvoiceCodec.Encode(invoice));
            }
        });
    }

    [Fact]
    public void What_it_refused_we_refuse() =>
        Assert.Equal(
            RefusedByBoth.OrderBy(r => r.Key, StringComparer.Ordinal),
            Cases.Where(c => c.Find("error") is not null)
                .Select(c => KeyValuePair.Create(Name(c), Invoices.Refusal(Text(c))))
                .OrderBy(r => r.Key, StringComparer.Ordinal));

    [Fact]
    public void What_made_it_panic_we_refuse() =>
        Assert.Equal(
            Panics.OrderBy(r => r.Key, StringComparer.Ordinal),
            Vector.Read("malformed-panicking").EnumerateObject()
                .Select(p => KeyValuePair.Create(p.Name, Invoices.Refusal(p.Value.GetString()!)))
                .OrderBy(r => r.Key, StringComparer.Ordinal));

    [Fact]
    public void Invoices_of_the_old_format_are_refused_as_such() =>
        Assert.All(
            Vector.Read("old-format-invoices").EnumerateArray(),
            old => Assert.Equal(InvoiceRefusal.OldFormat, Invoices.Refusal(Text(old))));

    [Fact]
    public void An_invoice_without_a_payee_is_read_but_speaks_against_being_paid()
    {
        var invoice = Invoices.Read(Text(Cases.Single(c => Name(c) == "testnet signed no payee attr")));

        Assert.Null(invoice.Payee);
        var expectation = new InvoiceExpectation { Currency = FiberCurrency.Fibt, Amount = 5, UdtScript = null };
        var difference = Assert.Single(expectation.DifferencesOf(invoice, invoice.CreatedAt));
        Assert.Equal("payee_public_key", difference.Field);
    }

    private static string Name(JsonElement vector) => vector.GetProperty("name").GetString()!;

    private static string Text(JsonElement vector) => vector.GetProperty("invoice").GetString()!;
}
