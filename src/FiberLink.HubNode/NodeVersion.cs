using System.Globalization;

namespace FiberLink.HubNode;

/// <summary>A node's version, as far as it decides how to talk to it.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second; while the first is 0, this one says whether two versions speak alike.</param>
/// <param name="Patch">The third.</param>
public readonly record struct NodeVersion(int Major, int Minor, int Patch) : IComparable<NodeVersion>
{
    /// <summary>The one that everything here was tried out on. What is newer is spoken to as this one is.</summary>
    internal static readonly NodeVersion V0_8 = new(0, 8, 0);

    /// <summary>Reads <c>0.8.1</c>, <c>v0.8.1</c> and <c>0.8.1-rc2</c>; answers false for anything else.</summary>
    public static bool TryParse(string? text, out NodeVersion version)
    {
        version = default;
        var numbers = (text ?? "").TrimStart('v').Split('-', '+', ' ')[0].Split('.');
        if (numbers.Length != 3 || !Read(numbers[0], out var major) || !Read(numbers[1], out var minor) || !Read(numbers[2], out var patch))
        {
            return false;
        }

        version = new(major, minor, patch);
        return true;
    }

    /// <summary>Newer than every version that was tried.</summary>
    internal bool IsUntried => (Major, Minor).CompareTo((V0_8.Major, V0_8.Minor)) > 0;

    public int CompareTo(NodeVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    public static bool operator <(NodeVersion left, NodeVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(NodeVersion left, NodeVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(NodeVersion left, NodeVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(NodeVersion left, NodeVersion right) => left.CompareTo(right) >= 0;

    private static bool Read(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
