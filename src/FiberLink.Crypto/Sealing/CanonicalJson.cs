using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace FiberLink.Crypto.Sealing;

/// <summary>JSON in the one form that RFC 8785 gives it, so that what is the same is hashed the same.</summary>
public static class CanonicalJson
{
    private const int DepthMax = 64;

    // A comma behind the last member of each object, until it is whole.
    private const int Slack = 64;

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

    /// <summary>As <see cref="OfExact"/>, behind what is written already.</summary>
    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public static void WriteExact(CanonicalBuffer output, ReadOnlySpan<byte> json) => Write(output, json, isExact: true);

    private static byte[] Of(ReadOnlySpan<byte> json, bool isExact)
    {
        using var output = new CanonicalBuffer(json.Length + Slack);
        Write(output, json, isExact);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(CanonicalBuffer output, ReadOnlySpan<byte> json, bool isExact)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Strict);
            reader.Read();
            WriteValue(ref reader, output, isExact);
            if (reader.Read())
            {
                throw new FormatException("There is more than one value.");
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new FormatException($"This has no canonical form: {broken.Message}", broken);
        }
    }

    private static void WriteValue(ref Utf8JsonReader reader, CanonicalBuffer output, bool isExact)
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

    private static void WriteArray(ref Utf8JsonReader reader, CanonicalBuffer output, bool isExact)
    {
        output.Write("["u8);
        for (var n = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; n++)
        {
            output.Write(n == 0 ? ""u8 : ","u8);
            WriteValue(ref reader, output, isExact);
        }

        output.Write("]"u8);
    }

    // Members are written one after the other, and then put in order where they are.
    private static void WriteObject(ref Utf8JsonReader reader, CanonicalBuffer output, bool isExact)
    {
        output.Write("{"u8);
        var members = new List<Member>();
        var (first, isSorted) = (output.WrittenCount, true);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var from = output.WrittenCount;
            var name = reader.GetString()!;
            WriteText(output, name);
            output.Write(":"u8);
            reader.Read();
            WriteValue(ref reader, output, isExact);
            output.Write(","u8);

            // By UTF-16 units, as the RFC says.
            isSorted &= members.Count == 0 || string.CompareOrdinal(members[^1].Name, name) < 0;
            members.Add(new(name, from - first, output.WrittenCount - from));
        }

        if (!isSorted)
        {
            Sort(members, output, first);
        }

        // In the place of the last comma.
        if (members.Count > 0)
        {
            output.ResetTo(output.WrittenCount - 1);
        }

        output.Write("}"u8);
    }

    private static void Sort(List<Member> members, CanonicalBuffer output, int first)
    {
        members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var length = output.WrittenCount - first;
        var unsorted = ArrayPool<byte>.Shared.Rent(length);
        output.WrittenSpan[first..].CopyTo(unsorted);
        output.ResetTo(first);
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0 && members[i].Name == members[i - 1].Name)
            {
                throw new FormatException($"The name '{members[i].Name}' is there twice.");
            }

            output.Write(unsorted.AsSpan(members[i].From, members[i].Length));
        }

        ArrayPool<byte>.Shared.Return(unsorted);
    }

    private readonly record struct Member(string Name, int From, int Length);

    private static void WriteString(ref Utf8JsonReader reader, CanonicalBuffer output)
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
            var span = output.GetSpan((3 * run.Length) + 1);
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
