using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Audit.Packs;

/// <summary>A file of a pack.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Hash">SHA-256, in lower-case hexadecimal digits.</param>
internal sealed record PackFile(string Name, long Bytes, string Hash);

/// <summary>What is in an evidence pack: the text that is signed.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="App">The community.</param>
/// <param name="Member">Only what is about this member is in it; null for all of the community.</param>
/// <param name="From">Events behind this position are in it.</param>
/// <param name="To">And up to this one.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Assets">With how many decimals amounts are written in it.</param>
/// <param name="Files">All files but the manifest.</param>
internal sealed record PackManifest(
    string Origin,
    string App,
    string? Member,
    long From,
    long To,
    DateTimeOffset MadeAt,
    IReadOnlyList<(string Asset, int Decimals)> Assets,
    IReadOnlyList<PackFile> Files)
{
    private const string Header = "fiberlink evidence pack v1";
    private const string MemberHeader = "fiberlink member pack v1";
    private const string MemberWord = "member ";
    private const string Time = "yyyy-MM-ddTHH:mm:ss.ffffffZ";
    private const int HeadLines = 6;

    /// <summary>Reads the text in its one form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PackManifest? manifest)
    {
        manifest = null;
        var lines = text.Split('\n').ToList();
        var member = lines is [MemberHeader, _, _, var named, ..] ? ReadMember(named) : null;
        if (member is not null)
        {
            lines.RemoveAt(3);
        }

        if (lines.Count < HeadLines || lines[0] != (member is null ? Header : MemberHeader)
            || !long.TryParse(After(lines[3], "from "), NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !long.TryParse(After(lines[4], "to "), NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            || !DateTimeOffset.TryParseExact(
                After(lines[5], "made "), Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var madeAt))
        {
            return false;
        }

        var (assets, files) = (new List<(string, int)>(), new List<PackFile>());
        foreach (var line in lines.Skip(HeadLines))
        {
            switch (line.Split(' '))
            {
                case ["asset", var asset, var said]
                    when Asset.IsCode(asset) && int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var decimals)
                        && decimals <= AssetDefinition.DecimalsMax:
                    assets.Add((asset, decimals));
                    break;
                case ["file", var hash, var said, var name]
                    when long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes):
                    files.Add(new(name, bytes, hash));
                    break;
            }
        }

        manifest = new(lines[1], After(lines[2], "app "), member, from, to, madeAt, assets, files);
        return manifest.ToText() == text;
    }

    /// <summary>The text that is signed.</summary>
    public string ToText()
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{(Member is null ? Header : MemberHeader)}\n{Origin}\napp {App}\n")
            .Append(Member is null ? "" : $"{MemberWord}{Write(Member)}\n")
            .Append(CultureInfo.InvariantCulture, $"from {From}\nto {To}\n")
            .Append(CultureInfo.InvariantCulture, $"made {MadeAt.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture)}\n");
        foreach (var (asset, decimals) in Assets)
        {
            text.Append(CultureInfo.InvariantCulture, $"asset {asset} {decimals}\n");
        }

        foreach (var file in Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"file {file.Hash} {file.Bytes} {file.Name}\n");
        }

        return text.ToString();
    }

    /// <summary>How amounts are written in it.</summary>
    public AssetSettings Settings() =>
        new(Assets.Where(a => a.Asset != Asset.Ckb.Code)
            .Select(a => new AssetDefinition(new(a.Asset), a.Decimals, Amount.UnitsMax, null)));

    // A forum names its members as it likes; a line of the manifest stays one.
    private static string Write(string member) => JsonSerializer.Serialize(member);

    private static string? ReadMember(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(After(line, MemberWord));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string After(string line, string word) => line.StartsWith(word, StringComparison.Ordinal) ? line[word.Length..] : "";
}
