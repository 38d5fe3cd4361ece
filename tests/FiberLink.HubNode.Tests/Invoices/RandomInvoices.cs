using System.Text;
using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests.Invoices;

/// <summary>Invoices by chance: any attributes in any order, and numbers as often at their limits as anywhere.</summary>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
internal sealed class RandomInvoices(Random random)
{
    private static readonly DateTimeOffset Last = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
    private static readonly string[] ScriptKinds = ["data", "type", "data1", "data2"];

    private static readonly string[] Letters =
        ["a", "e", " ", "7", "\n", "\0", "é", "ß", "☕", "你", "🚀", "\u202e", "\ufffd", "\U0010ffff", "\u0301"];

    public InvoiceContents Next(PublicKey? payee)
    {
        InvoiceAttribute?[] attributes =
        [
            Maybe(() => new InvoiceAttribute.ExpiryTime(Number())),
            Maybe(() => new InvoiceAttribute.Description(Text(random.Next(4) == 0 ? 639 : 40))),
            Maybe(() => new InvoiceAttribute.FinalHtlcTimeout(Number())),
            Maybe(() => new InvoiceAttribute.FinalHtlcMinimumExpiryDelta(Number())),
            Maybe(() => new InvoiceAttribute.FallbackAddress(Text(100))),
            Maybe(() => new InvoiceAttribute.Feature(new(Bytes(random.Next(4))))),
            Maybe(() => new InvoiceAttribute.Udt(Script())),
            payee is { } key ? new InvoiceAttribute.PayeePublicKey(key) : null,
            Maybe(() => new InvoiceAttribute.HashAlgorithm((InvoiceHashAlgorithm)random.Next(1, 3))),
            Maybe(() => new InvoiceAttribute.PaymentSecret(Bytes(32))),
        ];
        random.Shuffle(attributes);
        return new(
            (FiberCurrency)random.Next(1, 4),
            random.Next(8) == 0 ? null : new UInt128(random.Next(2) == 0 ? 0 : Number(), Number()),
            Time(),
            PaymentHash.FromBytes(Bytes(32)),
            [.. attributes.OfType<InvoiceAttribute>()]);
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    public ulong Number() => random.Next(4) switch
    {
        0 => (ulong)random.Next(3),
        1 => ulong.MaxValue - (ulong)random.Next(3),
        _ => (ulong)random.NextInt64() >> random.Next(63),
    };

    private T? Maybe<T>(Func<T> make)
        where T : class => random.Next(2) == 0 ? make() : null;

    private DateTimeOffset Time() => random.Next(6) switch
    {
        0 => DateTimeOffset.UnixEpoch,
        1 => Last,
        _ => DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(Last.ToUnixTimeMilliseconds())),
    };

    private string Text(int lettersMax)
    {
        var text = new StringBuilder();
        for (var left = random.Next(lettersMax + 1); left > 0; left--)
        {
            text.Append(Letters[random.Next(random.Next(2) == 0 ? 4 : Letters.Length)]);
        }

        return text.ToString();
    }

    private UdtScript Script() => new(
        $"0x{Convert.ToHexString(Bytes(32))}",
        ScriptKinds[random.Next(ScriptKinds.Length)],
        $"0x{Convert.ToHexString(Bytes(random.Next(64)))}");
}
