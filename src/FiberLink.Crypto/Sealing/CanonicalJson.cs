using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace FiberLink.Crypto.Sealing;

/// <summary>JSON in the one form that RFC 8785 gives it, so that what is the same is hashed the same.</summary>
public static class CanonicalJson
{
    private const int DepthMax = 64;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = DepthMax };

    /// <summary>The canonical form, by the letter of the RFC: a number becomes the nearest one that a double can hold.</summary>
    /// <param name="json">One value in UTF-8.</param>
    /// <exception cref="FormatException">It is not JSON, or has no canonical form: a name twice, half a character.</exception>
    public static byte[] Of(ReadOnlySpan<byte> json) => Of(json, isExact: false);

    /// <summary>
    /// As <see cref="Of(ReadOnlySpan{byte})"/>, and a number that would become another one is refused: two documents that differ in
    /// anything but order, spaces and escapes have different forms.
    /// </summary>
    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public static byte[] OfExact(ReadOnlySpan<byte> json) => Of(json, isExact: true);

    /// <summary>Writes a text with its quotes.</summary>
    /// <exception cref="FormatException">The text has half a character.</exception>
    public static void WriteText(IBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        WriteEscaped(output, text);
        output.Write("\""u8);
    }

    private static byte[] Of(ReadOnlySpan<byte> json, bool isExact)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Strict);
            var output = new ArrayBufferWriter<byte>(Math.Max(json.Length, 16));
            reader.Read();
            WriteValue(ref reader, output, isExact);
            return reader.Read() ? throw new FormatException("There is more than one value.") : output.WrittenSpan.ToArray();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new FormatException($"This has no canonical form: {broken.Message}", broken);
        }
    }

    private static void WriteValue(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output, bool isExact)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, output, isExact);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, output, isExact);
                break;
            case JsonTokenType.String:
                WriteString(ref reader, output);
                break;
            case JsonTokenType.Number:
                var number = CanonicalNumber.Of(Encoding.ASCII.GetString(reader.ValueSpan), isExact);
                output.Advance(Encoding.ASCII.GetBytes(number, output.GetSpan(number.Length)));
                break;
            default:
                output.Write(reader.ValueSpan); // true, false, null
                break;
        }
    }

    private static void WriteArray(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output, bool isExact)
    {
        output.Write("["u8);
        for (var n = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; n++)
        {
            output.Write(n == 0 ? ""u8 : ","u8);
            WriteValue(ref reader, output, isExact);
        }

        output.Write("]"u8);
    }

    // Members are written one after the other, each whole, and then put in order.
    private static void WriteObject(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output, bool isExact)
    {
        var members = new List<(string Name, byte[] Value)>();
        var value = new ArrayBufferWriter<byte>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            value.ResetWrittenCount();
            WriteValue(ref reader, value, isExact);
            members.Add((name, value.WrittenSpan.ToArray()));
        }

        // By UTF-16 units, as the RFC says.
        members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        output.Write("{"u8);
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0 && members[i].Name == members[i - 1].Name)
            {
                throw new FormatException($"The name '{members[i].Name}' is there twice.");
            }

            output.Write(i == 0 ? ""u8 : ","u8);
            WriteText(output, members[i].Name);
            output.Write(":"u8);
            output.Write(members[i].Value);
        }

        output.Write("}"u8);
    }

    private static void WriteString(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        if (reader.ValueIsEscaped)
        {
            WriteText(output, reader.GetString()!);
            return;
        }

        if (!Utf8.IsValid(reader.ValueSpan))
        {
            throw new FormatException("A text is not UTF-8.");
        }

        output.Write("\""u8);
        output.Write(reader.ValueSpan);
        output.Write("\""u8);
    }

    private static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(MustEscape);
            var run = plain < 0 ? text : text[..plain];
            var span = output.GetSpan(3 * run.Length);
            if (Utf8.FromUtf16(run, span, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            {
                throw new FormatException("A text has half a character.");
            }

            output.Advance(written);
            if (plain >= 0)
            {
                output.Write(Encoding.ASCII.GetBytes(Escape(text[plain])));
            }

            text = plain < 0 ? [] : text[(plain + 1)..];
        }
    }

    private static readonly SearchValues<char> MustEscape =
        SearchValues.Create("\"\\" + string.Concat(Enumerable.Range(0, 0x20).Select(c => (char)c)));

    private static string Escape(char c) =>
        c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\f' => "\\f",
            '\r' => "\\r",
            _ => $"\\u{(int)c:x4}",
        };
}
