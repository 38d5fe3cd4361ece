using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using FiberLink.HubNode.Invoices;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>Very many texts that are almost invoices: each is read as exactly what it says, or refused, and nothing is thrown.</summary>
public sealed class Spoilt_invoices
{
    private static readonly int Texts = LongRun.IsAskedFor ? 1_000_000 : 20_000;

    // OpenSSL is asked about some of those that are read; it takes longer than reading them.
    private static readonly int CheckedByThePlatform = LongRun.IsAskedFor ? 20_000 : 1_000;

    [Fact]
    public void Are_read_for_what_they_say_or_refused_and_every_reason_is_met()
    {
        var seed = Environment.TickCount;
        var mutations = new Mutations(seed, Vector.Read("invoices-testnet").EnumerateArray()
            .Select(v => v.GetProperty("invoice_address").GetString()!));
        var met = new SortedDictionary<string, int>(StringComparer.Ordinal);
        InvoiceCodec.Decode(mutations.Next().From);
        var (took, slowest, slowestText, read) = (TimeSpan.Zero, TimeSpan.Zero, "", 0);
        for (var i = 0; i < Texts; i++)
        {
            var (layer, from, text) = mutations.Next();
            try
            {
                var begun = Stopwatch.GetTimestamp();
                var reading = InvoiceCodec.Decode(text);
                var time = Stopwatch.GetElapsedTime(begun);
                took += time;
                if (time > slowest && TimeOnceMore(text) is var again && again > slowest)
                {
                    (slowest, slowestText) = (again, text);
                }

                Check(reading, layer, from, text, read < CheckedByThePlatform);
                read += reading is InvoiceReading.Decoded ? 1 : 0;
                CountIn(met, reading);
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException(
                    $"Seed {seed}, text {i}, spoilt in its {Mutations.Layers[layer]}: {text}", broken);
            }
        }

        using var self = Process.GetCurrentProcess();
        Report($"seed {seed}: {Texts:N0} texts, {Texts / took.TotalSeconds:N0} a second, {took.TotalMicroseconds / Texts:N0} µs each;"
            + $" slowest {slowest.TotalMilliseconds:N2} ms ({slowestText.Length} letters); peak {self.PeakWorkingSet64 >> 20} MiB");
        Report(string.Join(", ", met.OrderByDescending(m => m.Value).Select(m => $"{m.Key} {m.Value:N0}")));
        Assert.Empty(Enum.GetNames<InvoiceRefusal>().Except(met.Keys, StringComparer.Ordinal));
    }

    /// <summary>The least of a few tries: whoever else is at work on the machine shows in the first.</summary>
    private static TimeSpan TimeOnceMore(string text) => Enumerable.Range(0, 5).Min(_ =>
    {
        var begun = Stopwatch.GetTimestamp();
        InvoiceCodec.Decode(text);
        return Stopwatch.GetElapsedTime(begun);
    });

    private static void Check(InvoiceReading reading, int layer, string from, string text, bool askThePlatform)
    {
        if (reading is InvoiceReading.Refused refused)
        {
            Assert.InRange(refused.Detail.Length, 10, 300);
            Assert.NotEqual("nothing", Mutations.Layers[layer]);
            return;
        }

        var invoice = Assert.IsType<InvoiceReading.Decoded>(reading).Invoice;
        Assert.Equal(text.ToLowerInvariant(), InvoiceCodec.Encode(invoice));
        Assert.True(invoice.Payee is null || invoice.Payee == invoice.Signer);
        if (Mutations.Layers[layer] is "letters" or "groups" && invoice.Payee is not null)
        {
            // Nobody has signed anything but what it was made from.
            Assert.Equal(from, text.ToLowerInvariant());
        }

        if (askThePlatform)
        {
            AssertHoldsForThePlatform(invoice);
        }
    }

    private static void AssertHoldsForThePlatform(FiberInvoice invoice)
    {
        var point = invoice.Signer.ToPoint();
        var (x, y) = (new byte[32], new byte[32]);
        point.X.Value.CopyTo(x);
        point.Y.Value.CopyTo(y);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue("1.3.132.0.10"), Q = new() { X = x, Y = y } });
        var (prefix, packed) = InvoiceCodec.Pack(invoice.Contents);
        Assert.True(key.VerifyHash(SigningDigest.Of(prefix, packed), invoice.Signature.ToBytes().AsSpan(..64)));
    }

    private static void CountIn(SortedDictionary<string, int> met, InvoiceReading reading)
    {
        var name = reading is InvoiceReading.Refused { Reason: var reason } ? reason.ToString() : "read";
        met[name] = met.GetValueOrDefault(name) + 1;
    }

    private static void Report(FormattableString line) => Report(line.ToString(CultureInfo.InvariantCulture));

    private static void Report(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
