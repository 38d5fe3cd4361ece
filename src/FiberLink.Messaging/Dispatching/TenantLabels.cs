namespace FiberLink.Messaging;

/// <summary>Tells tenants apart in measurements, the first so many of a process; all others are one.</summary>
/// <remarks>Each tenant is a series of its own wherever measurements are kept.</remarks>
internal sealed class TenantLabels(int most)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string Of(string tenant)
    {
        lock (_gate)
        {
            return _known.Contains(tenant) || (_known.Count < most && _known.Add(tenant)) ? tenant : Backlog.Others;
        }
    }
}
