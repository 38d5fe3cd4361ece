namespace FiberLink.Service.Reconciliation;

/// <summary>How many differences of each kind there are, and since when.</summary>
internal record DifferenceTally
{
    /// <summary>When the comparison began: what ages are counted from.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How many of each kind.</summary>
    public SortedDictionary<DifferenceKind, long> Counts { get; } = [];

    /// <summary>How many of each kind a message can mend.</summary>
    public SortedDictionary<DifferenceKind, long> Repairable { get; } = [];

    /// <summary>The read models whose rebuild mends some of them.</summary>
    public SortedSet<string> ReadModels { get; } = new(StringComparer.Ordinal);

    /// <summary>What two persons could put into the books.</summary>
    public List<Correction> Corrections { get; } = [];

    /// <summary>How many there are of each age and asset, and how much money they are about; an asset of "" for no money.</summary>
    public SortedDictionary<(AgeGroup Age, string Asset), (long Count, UInt128 Units)> Ages { get; } = [];

    public long Differences => Counts.Values.Sum();

    public void Add(Difference difference)
    {
        Counts[difference.Kind] = Counts.GetValueOrDefault(difference.Kind) + 1;
        var age = (AgeGroups.Of(difference.Since, At), difference.Money?.Asset.Code ?? "");
        var (count, units) = Ages.GetValueOrDefault(age);
        var more = difference.Money?.Units ?? 0;
        Ages[age] = (count + 1, UInt128.MaxValue - units < more ? UInt128.MaxValue : units + more);
        if (difference.IsRepairable)
        {
            Repairable[difference.Kind] = Repairable.GetValueOrDefault(difference.Kind) + 1;
        }

        if (difference.ReadModel is { } readModel)
        {
            ReadModels.Add(readModel);
        }

        if (difference.Correction is { } correction)
        {
            Corrections.Add(correction);
        }
    }
}
