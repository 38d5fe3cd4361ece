namespace FiberLink.HubNode.Invoices.Compression;

/// <summary>
/// The part of 0 to 2⁴⁸ that the symbols so far have left. Quotients are IEEE doubles, because the node's are: another rounding would
/// be another code.
/// </summary>
internal readonly record struct CodeRange(ulong Low, ulong High)
{
    public const int Bits = 48;
    public const ulong Half = Whole / 2;
    public const ulong Quarter = Whole / 4;
    public const ulong ThreeQuarters = 3 * Quarter;

    private const ulong Whole = 1UL << Bits;

    public static CodeRange Full => new(0, Whole);

    /// <summary>All of it lies in one half, so the next bit is known.</summary>
    public bool IsInOneHalf => High < Half || Low > Half;

    /// <summary>It lies around the middle and is narrow: the next two bits will differ, only which way isn't known yet.</summary>
    public bool IsAroundTheMiddle => Low > Quarter && High < ThreeQuarters;

    /// <summary>Where the interval begins of a symbol with so many counts below it.</summary>
    public ulong At(int below, int total) => Low + (ulong)((High - Low) * ((double)below / total));

    public CodeRange Narrowed(int below, int upTo, int total) => new(At(below, total), At(upTo, total));

    /// <summary>Twice as wide, after taking away what all numbers in it have in common.</summary>
    public CodeRange DoubledFrom(ulong start) => new(2 * (Low - start), 2 * (High - start));
}
