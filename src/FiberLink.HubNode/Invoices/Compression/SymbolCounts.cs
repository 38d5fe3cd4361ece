namespace FiberLink.HubNode.Invoices.Compression;

/// <summary>
/// How often each of 257 symbols (256 bytes and the end) has come, starting from one each. Kept as a binary indexed tree: counting and
/// adding up all symbols below one cost nine steps, not 257.
/// </summary>
internal sealed class SymbolCounts
{
    /// <summary>The symbol after the last byte.</summary>
    public const int End = 256;

    private const int Symbols = End + 1;
    private const int HighestStep = 256;

    // One is a node's own number; node i holds the sum of the (i & -i) symbols up to i - 1.
    private readonly int[] _tree = new int[Symbols + 1];

    public SymbolCounts()
    {
        for (var i = 1; i <= Symbols; i++)
        {
            _tree[i] = i & -i;
        }
    }

    public int Total { get; private set; } = Symbols;

    public void Count(int symbol)
    {
        Total++;
        for (var i = symbol + 1; i <= Symbols; i += i & -i)
        {
            _tree[i]++;
        }
    }

    /// <summary>The counts of all symbols below this one, together.</summary>
    public int Below(int symbol)
    {
        var sum = 0;
        for (var i = symbol; i > 0; i -= i & -i)
        {
            sum += _tree[i];
        }

        return sum;
    }

    /// <summary>The last symbol whose interval begins at or before a point, with the counts below it and its own.</summary>
    public (int Symbol, int Below, int Count) Find(in CodeRange range, ulong point)
    {
        var (at, below) = (0, 0);
        for (var step = HighestStep; step > 0; step /= 2)
        {
            if (at + step < Symbols && range.At(below + _tree[at + step], Total) <= point)
            {
                at += step;
                below += _tree[at];
            }
        }

        return (at, below, Below(at + 1) - below);
    }
}
