using System.Diagnostics;
using System.Globalization;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;

namespace FiberLink.Benchmarks;

/// <summary>What one invoice costs one core: read, written, signed, refused.</summary>
internal static class CodecBenchmark
{
    private const int WarmUp = 2_000;
    private const string Head = "| work | letters | p50 µs | p99 µs | bytes | per s |\n|---|--:|--:|--:|--:|--:|";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<int> RunAsync(TimeSpan time, TextWriter output, CancellationToken ct)
    {
        using var key = InvoiceKey.Generate();
        var plain = Draft("a tip");
        var full = plain with
        {
            Description = Sentence(639),
            FallbackAddress = Sentence(97),
            Features = InvoiceFeatures.Offering(mpp: true, trampolineRouting: true),
            PaymentSecret = new(plain.PaymentHash.ToBytes()),
            HashAlgorithm = InvoiceHashAlgorithm.Sha256,
            UdtScript = new($"0x{new string('c', 64)}", "type", $"0x{new string('d', 64)}"),
        };
        var (invoice, text, long_) = (plain.Sign(key), TextOf(plain, key), TextOf(full, key));
        var changed = text[..^1] + (text[^1] == 'q' ? 'p' : 'q');
        (string Work, int Letters, Action Operation)[] rows =
        [
            ("read an invoice for a tip", text.Length, () => Read(text)),
            ("read one with all that a node writes", long_.Length, () => Read(long_)),
            ("refuse a changed letter", changed.Length, () => InvoiceCodec.Decode(changed)),
            ("write it", text.Length, () => InvoiceCodec.Encode(invoice)),
            ("sign it and write it", text.Length, () => TextOf(plain, key)),
        ];

        await output.WriteLineAsync(Head);
        foreach (var (work, letters, operation) in rows)
        {
            ct.ThrowIfCancellationRequested();
            await output.WriteLineAsync(Row(work, letters, operation, time));
        }

        return 0;
    }

    private static string Row(string work, int letters, Action operation, TimeSpan time)
    {
        for (var i = 0; i < WarmUp; i++)
        {
            operation();
        }

        var took = new List<TimeSpan>();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var begun = Stopwatch.GetTimestamp();
            operation();
            took.Add(Stopwatch.GetElapsedTime(begun));
        }

        var measured = new Measured(work, took.Count, Stopwatch.GetElapsedTime(started), took);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / took.Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {work} | {letters:N0} | {1000 * measured.At(0.5):N0} | {1000 * measured.At(0.99):N0} | {bytes:N0} | {measured.Rate:N0} |");
    }

    private static InvoiceDraft Draft(string description) => new()
    {
        Currency = FiberCurrency.Fibt,
        Amount = 100_000_000,
        CreatedAt = Now,
        PaymentHash = Preimage.FromBytes([.. Enumerable.Range(0, 32).Select(i => (byte)i)]).Hash(InvoiceHashAlgorithm.CkbHash),
        Description = description,
        Expiry = TimeSpan.FromHours(1),
        FinalExpiryDelta = TimeSpan.FromMinutes(160),
    };

    private static string Sentence(int length) =>
        string.Concat(Enumerable.Repeat("Thank you for the long answer about rebuilding projections. ", 20))[..length];

    private static string TextOf(InvoiceDraft draft, InvoiceKey key) => InvoiceCodec.Encode(draft.Sign(key));

    private static void Read(string text)
    {
        if (InvoiceCodec.Decode(text) is not InvoiceReading.Decoded)
        {
            throw new InvalidOperationException("An invoice just written isn't read.");
        }
    }
}
