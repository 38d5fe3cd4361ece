using FiberLink.Crypto;
using FiberLink.Events.Liabilities;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;

namespace FiberLink.Service.Audit;

/// <summary>Computes every published root again, each when the books have come to its position.</summary>
internal sealed class LiabilityMarks
{
    private readonly Queue<LiabilityPublication> _ahead = [];
    private readonly Dictionary<long, LiabilitiesEvent.Published> _unmet = [];
    private readonly List<SealFinding> _findings = [];
    private IReadOnlyDictionary<Guid, Bytes32> _salts = new Dictionary<Guid, Bytes32>();

    /// <summary>What was found since this was last asked.</summary>
    public IReadOnlyList<SealFinding> TakeFindings()
    {
        SealFinding[] taken = [.. _findings];
        _findings.Clear();
        return taken;
    }

    /// <summary>Where those are said to be that were not met.</summary>
    public IReadOnlyCollection<long> Unmet => _unmet.Keys;

    /// <summary>Reads what was published, and the salts.</summary>
    public async Task BeginAsync(UnitOfWork work, CancellationToken ct)
    {
        var all = await LiabilityPublication.ReadAsync(work, null, ct);
        Begin(all, await LogSalts.ReadAsync(work, [.. all.Select(p => p.Body.PublicationId)], ct));
    }

    /// <inheritdoc cref="BeginAsync"/>
    public void Begin(IReadOnlyList<LiabilityPublication> all, IReadOnlyDictionary<Guid, Bytes32> salts)
    {
        _salts = salts;
        foreach (var publication in all.OrderBy(p => p.Body.Position))
        {
            _unmet[publication.At] = publication.Body;
            _ahead.Enqueue(publication);
        }
    }

    /// <summary>Computes those whose position the books have come to.</summary>
    /// <param name="upTo">Everything up to here is added up, and nothing behind it.</param>
    /// <param name="sums">The books.</param>
    public void Reach(long upTo, BookSums sums)
    {
        while (_ahead.TryPeek(out var publication) && publication.Body.Position <= upTo)
        {
            _ahead.Dequeue();
            var owed = sums.OwedIn(publication.Tenant, publication.Body.Total.Asset);
            if (publication.Fault(_salts.TryGetValue(publication.Body.PublicationId, out var salt) ? salt : null, owed) is { } fault)
            {
                Say(publication.At, fault);
            }
        }
    }

    /// <summary>A publication was met in the log.</summary>
    public void Meet(StreamId stream, long at, LiabilitiesEvent.Published body)
    {
        if (!_unmet.Remove(at, out var known) || known != body || stream != LiabilityPublication.Stream(stream.Tenant, body.Total.Asset))
        {
            Say(at, "is in a stream where none belongs");
        }

        if (body.Position >= at)
        {
            Say(at, "tells of what came after it");
        }
    }

    private void Say(long at, string fault) => _findings.Add(new(
        SealFindingKind.LiabilitiesWrong,
        at,
        FormattableString.Invariant($"Position {at}: the publication of what is owed {fault}.")));
}
