using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Journal;

/// <summary>What the journal's lines come to: what is known, what counts, which cells are signed for. Not for several threads.</summary>
internal sealed class SpendingBook(TimeSpan hour, TimeSpan inputsHeld)
{
    private readonly HashSet<Bytes32> _known = [];
    private readonly Dictionary<OutPoint, JournalLine.Signed> _inputs = [];
    private LinkedList<JournalLine.Signed> _withinHour = [];

    /// <summary>Cells for which a transaction was signed and for which no other one is, as of the last <see cref="Prune"/>.</summary>
    public int InputsHeldCount => _inputs.Count;

    /// <summary>Transactions that were signed and not forgotten.</summary>
    public int KnownCount => _known.Count;

    /// <summary>Whether it was signed, so that signing it again lets out nothing more.</summary>
    public bool Knows(Bytes32 transaction) => _known.Contains(transaction);

    public void Take(JournalLine line)
    {
        switch (line)
        {
            case JournalLine.Signed signed:
                _known.Add(signed.Transaction);
                _withinHour.AddLast(signed);
                foreach (var input in signed.Inputs)
                {
                    _inputs[input] = signed;
                }

                break;
            case JournalLine.Forgotten forgotten:
                // What it let out goes on counting: whoever has the signature may still use it.
                _known.Remove(forgotten.Transaction);
                foreach (var (input, _) in _inputs.Where(i => i.Value.Transaction == forgotten.Transaction).ToList())
                {
                    _inputs.Remove(input);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>
    /// What left of an asset in the hour before now. What was signed exactly an hour ago does not count any more; what a clock that was
    /// wrong has put into the future does.
    /// </summary>
    public UInt128 UsedWithinHour(string asset, DateTimeOffset now)
    {
        UInt128 used = 0;
        foreach (var signed in _withinHour.Where(s => TimeOf(s.At) > now - hour))
        {
            var units = signed.Spent.GetValueOrDefault(asset);
            used = UInt128.MaxValue - used < units ? UInt128.MaxValue : used + units;
        }

        return used;
    }

    /// <summary>What was signed last for a cell and still keeps others from it; null for none.</summary>
    public JournalLine.Signed? HolderOf(OutPoint input, DateTimeOffset now) =>
        _inputs.TryGetValue(input, out var held) && TimeOf(held.At) > now - inputsHeld ? held : null;

    /// <summary>Lets go of what no longer counts.</summary>
    public void Prune(DateTimeOffset now)
    {
        _withinHour = new(_withinHour.Where(s => TimeOf(s.At) > now - hour));
        foreach (var (input, _) in _inputs.Where(i => TimeOf(i.Value.At) <= now - inputsHeld).ToList())
        {
            _inputs.Remove(input);
        }
    }

    private static DateTimeOffset TimeOf(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
