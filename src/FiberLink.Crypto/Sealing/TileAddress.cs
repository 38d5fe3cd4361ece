using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FiberLink.Crypto.Sealing;

/// <summary>The name of a tile, or of a bundle of entries (c2sp.org/tlog-tiles).</summary>
/// <param name="Level">0 over leaves; null for entries.</param>
/// <param name="Index">Its place on the level, from 0.</param>
/// <param name="Width">How many hashes it has: 256, or fewer at the end of the tree.</param>
public readonly record struct TileAddress(int? Level, long Index, int Width)
{
    /// <summary>The hashes of a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>How many levels of the tree are one level of tiles.</summary>
    public const int Height = 8;

    private const int LevelMax = 63;
    private const int DigitsInGroup = 3;
    private const int GroupsMax = 6;
    private const string Partial = ".p/";

    public bool IsFull => Width == FullWidth;

    /// <summary>Reads what comes behind <c>tile/</c>, in its one form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TileAddress address)
    {
        address = default;
        if (text?.Split('/', 2) is not [var level, var rest])
        {
            return false;
        }

        var number = 0;
        if (level != "entries"
            && (!int.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > LevelMax))
        {
            return false;
        }

        var width = FullWidth;
        if (rest.IndexOf(Partial, StringComparison.Ordinal) is >= 0 and var at)
        {
            if (!int.TryParse(rest.AsSpan(at + Partial.Length), NumberStyles.None, CultureInfo.InvariantCulture, out width)
                || width is < 1 or >= FullWidth)
            {
                return false;
            }

            rest = rest[..at];
        }

        if (!TryIndex(rest, out var index))
        {
            return false;
        }

        address = new(level == "entries" ? null : number, index, width);
        return address.ToString() == $"tile/{text}";
    }

    /// <summary>The path below the log's address: <c>tile/0/x001/234.p/17</c>.</summary>
    public override string ToString()
    {
        var path = new StringBuilder();
        var rest = Index;
        do
        {
            path.Insert(0, string.Create(CultureInfo.InvariantCulture, $"/{(path.Length > 0 ? "x" : "")}{rest % 1000:000}"));
            rest /= 1000;
        }
        while (rest > 0);

        path.Insert(0, $"tile/{Level?.ToString(CultureInfo.InvariantCulture) ?? "entries"}");
        return IsFull ? path.ToString() : path.Append(CultureInfo.InvariantCulture, $"{Partial}{Width}").ToString();
    }

    private static bool TryIndex(string text, out long index)
    {
        index = 0;
        var groups = text.Split('/');
        for (var i = 0; i < groups.Length; i++)
        {
            var digits = i < groups.Length - 1 ? groups[i].AsSpan().TrimStart('x') : groups[i];
            if (groups.Length > GroupsMax || digits.Length != DigitsInGroup
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            index = (index * 1000) + value;
        }

        return true;
    }
}
