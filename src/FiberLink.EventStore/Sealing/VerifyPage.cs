using FiberLink.Crypto;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>Rows that are verified together.</summary>
/// <param name="catalogue">Reads the bodies; null when they need not be read.</param>
/// <param name="after">The position before the first.</param>
/// <param name="room">How many there will be at most.</param>
internal sealed class VerifyPage(EventCatalogue? catalogue, long after, int room)
{
    private readonly List<VerifiedRow> _rows = new(room);

    public IReadOnlyList<VerifiedRow> Rows => _rows;

    public int Count => _rows.Count;

    /// <summary>The position before the first.</summary>
    public long From => after;

    /// <summary>The last position.</summary>
    public long To => _rows[^1].Position;

    public void Add(NpgsqlDataReader reader)
    {
        try
        {
            _rows.Add(new(SealedRow.Read(reader), catalogue));
        }
        catch (LogNotWholeException unreadable)
        {
            _rows.Add(new(unreadable));
        }
    }

    /// <summary>Recomputes what each is sealed by, on all processors.</summary>
    public void Hash() => Parallel.ForEach(_rows, row => row.Hash());
}

/// <summary>A row, and what was found out about it.</summary>
internal sealed class VerifiedRow
{
    private readonly EventCatalogue? _catalogue;
    private readonly SealedRow _row;

    public VerifiedRow(SealedRow row, EventCatalogue? catalogue)
    {
        _row = row;
        _catalogue = catalogue;
        Position = row.Position;
    }

    public VerifiedRow(LogNotWholeException unreadable)
    {
        Position = unreadable.Position!.Value;
        Say(SealFindingKind.EventChanged, unreadable.Finding);
    }

    public long Position { get; }

    /// <summary>The entry that the row gives; null when it gives none.</summary>
    public Bytes32? Entry { get; private set; }

    /// <summary>The event; null when it was not to be read, or can't be.</summary>
    public RecordedEvent? Event { get; private set; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Finding { get; private set; }

    /// <summary>Of which kind that is.</summary>
    public SealFindingKind Kind { get; private set; }

    public void Hash()
    {
        if (Finding is not null)
        {
            return;
        }

        try
        {
            Entry = _row.Entry();
            var fields = _row.Fields;
            if (_catalogue is not null)
            {
                Event = new(
                    Position,
                    fields.Stream,
                    _row.Version,
                    fields.Id,
                    fields.Type,
                    _catalogue.Read(fields.Type, fields.Data.Span, Position),
                    fields.At,
                    EventMetadata.None);
            }
        }
        catch (LogNotWholeException changed)
        {
            Say(SealFindingKind.EventChanged, changed.Finding);
        }
        catch (UnreadableEventException unreadable)
        {
            Say(SealFindingKind.EventUnreadable, unreadable.Message.TrimEnd('.'));
        }
    }

    private void Say(SealFindingKind kind, string finding) => (Kind, Finding) = (kind, finding);
}
