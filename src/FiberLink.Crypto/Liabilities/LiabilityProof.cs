using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Crypto.Liabilities;

/// <summary>
/// A file that shows a member by itself that his balance is in what the hub said that it owes: the way to the root, and behind it the proof
/// that the root is in the signed log.
/// </summary>
/// <param name="Path">From the member's balance to the root.</param>
/// <param name="Published">Shows that the event with the root is in the log.</param>
public sealed record LiabilityProof(LiabilityPath Path, LogProof Published)
{
    private const string Header = "fiberlink liability-proof v1";
    private const string MemberWord = "member ";
    private const string UnitsWord = "units ";
    private const string SaltWord = "salt ";
    private const string PlaceWord = "place ";
    private const int HeadLines = 5;

    /// <summary>Reads a proof in its one form. Whether it shows anything has still to be checked.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LiabilityProof? proof)
    {
        proof = null;
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !LogProof.TryParse(text[(end + 2)..], out var published))
        {
            return false;
        }

        var lines = text[..end].Split('\n');
        if (lines.Length < HeadLines || lines.Length - HeadLines > LiabilityTree.DepthMax || lines[0] != Header
            || !TryMember(lines[1], out var member)
            || !TryWord(lines[2], UnitsWord, out var said) || !TryUnits(said, out var units)
            || !TryWord(lines[3], SaltWord, out said) || !Checkpoint.TryParseHash(said, out var salt)
            || !TryWord(lines[4], PlaceWord, out said)
            || !long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return false;
        }

        var siblings = new List<LiabilityNode>();
        foreach (var line in lines[HeadLines..])
        {
            if (line.Split(' ') is not [var hash, var sum] || !Checkpoint.TryParseHash(hash, out var read) || !TryUnits(sum, out var below))
            {
                return false;
            }

            siblings.Add(new(read, below));
        }

        proof = new(new(member, salt, units, place, siblings), published);
        return proof.ToString() == text;
    }

    public override string ToString()
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{Header}\n{MemberWord}{Quoted(Path.Member)}\n{UnitsWord}{Path.Units}\n")
            .Append(CultureInfo.InvariantCulture, $"{SaltWord}{Checkpoint.ToText(Path.Salt)}\n{PlaceWord}{Path.Place}\n");
        foreach (var sibling in Path.Siblings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Checkpoint.ToText(sibling.Hash)} {sibling.Sum}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n{Published}").ToString();
    }

    private static string Quoted(string text)
    {
        using var output = new CanonicalBuffer(text.Length);
        CanonicalJson.WriteText(output, text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static bool TryMember(string line, out string member)
    {
        member = "";
        if (!TryWord(line, MemberWord, out var said))
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(said);
            member = json.RootElement.ValueKind == JsonValueKind.String ? json.RootElement.GetString()! : "";
            return member.Length > 0;
        }
        catch (Exception strange) when (strange is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryWord(string line, string word, out string said)
    {
        said = line.StartsWith(word, StringComparison.Ordinal) ? line[word.Length..] : "";
        return said.Length > 0;
    }

    private static bool TryUnits(string text, out UInt128 units) =>
        UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out units);
}
