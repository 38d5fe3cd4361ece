using System.Globalization;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Watching;

namespace FiberLink.Cli.Doctor;

/// <summary>What an overview says, thing by thing, and what of it somebody should look at.</summary>
internal static class OverviewFindings
{
    private const long LagMax = 10_000;

    private static readonly TimeSpan LagTimeMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    // One is signed every minute.
    private static readonly TimeSpan UnsignedMax = TimeSpan.FromMinutes(10);

    /// <param name="overview">What was seen in the database.</param>
    /// <param name="alarms">What is wrong with the hub's own money.</param>
    /// <param name="sentence">An alarm, in words.</param>
    /// <param name="assets">How amounts are written.</param>
    public static IReadOnlyList<Finding> Of(
        Overview overview, IReadOnlyList<StandingAlarm> alarms, Func<StandingAlarm, string> sentence, AssetSettings assets) =>
    [
        Nodes(overview),
        Log(overview),
        Checkpoint(overview),
        .. ReadModels(overview),
        Messages(overview),
        Tips(overview),
        Withdrawals(overview),
        .. Suspense(overview, assets),
        .. Treasury(alarms, sentence),
    ];

    private static Finding Nodes(Overview o) => o.Nodes.Count == 0
        ? new("service", Condition.Bad, "no node lives: nothing is settled and nothing is paid", "start it: 'fiberlink serve'")
        : new(
            "service",
            Condition.Good,
            Say($"{o.Nodes.Count} nodes live: {string.Join(", ", o.Nodes.Select(n => $"{n.Name} on {n.Host}"))}"));

    private static Finding Log(Overview o) => new(
        "log", Condition.Good, Say($"at position {o.Log.Position}{(o.Log.LastAt is { } at ? $", the last event {o.Ago(at)}" : "")}"));

    private static Finding Checkpoint(Overview o)
    {
        var isLate = o.Log.LastAt is { } last && (o.Checkpoint?.Size ?? 0) < o.Log.Position
            && o.At - Later(last, o.Checkpoint?.SignedAt) > UnsignedMax;
        var says = o.Checkpoint is { } c ? Say($"the last one is of {c.Size} events, signed {o.Ago(c.SignedAt)}") : "none was signed yet";
        return isLate
            ? new("checkpoint", Condition.Attention, says, "see whether a service runs, and its key: 'fiberlink audit key list'")
            : new("checkpoint", Condition.Good, says);
    }

    private static IEnumerable<Finding> ReadModels(Overview o)
    {
        foreach (var failing in o.Shards.Where(s => s.State == "failing"))
        {
            yield return new(
                "read model", Condition.Bad, Say($"{failing.Name} stands at {failing.Position}: {failing.LastError}"),
                "see docs/runbooks/rebuild-a-projection.md");
        }

        foreach (var pause in o.Shards.Select(s => s.Pause).OfType<EventStore.Projections.ProjectionPause>().Distinct())
        {
            yield return new(
                "read model", Condition.Attention, $"{pause.Projection} is paused by {pause.By}, {o.Ago(pause.At)}: {pause.Reason}",
                $"'fiberlink projections resume {pause.Projection}' lets it go on");
        }

        var behind = o.Shards.MaxBy(s => s.Lag);
        yield return behind is null or { Lag: 0 }
            ? new("read models", Condition.Good, "all are at the log's end")
            : new(
                "read models",
                behind.Lag > LagMax || behind.LagTime > LagTimeMax ? Condition.Attention : Condition.Good,
                Say($"the furthest behind is {behind.Name}, by {behind.Lag} events and {behind.LagTime.TotalSeconds:0.0} s")
                + $" ({behind.State})",
                behind.Lag > LagMax || behind.LagTime > LagTimeMax ? "'fiberlink projections list' says more" : null);
    }

    private static Finding Messages(Overview o)
    {
        var dead = o.Messages.Where(g => g.State == "dead").Sum(g => g.Count);
        var waiting = o.Messages.Where(g => g.State is "ready" or "scheduled" or "behind" or "taken").ToArray();
        var oldest = o.Messages.Where(g => g.State == "ready").Select(g => (DateTimeOffset?)g.OldestDueAt).Min();
        var says = Say($"{waiting.Sum(g => g.Count)} wait")
            + (oldest is { } due ? $", the oldest that may be taken was due {o.Ago(due)}" : "")
            + Say($"; {dead} dead letters");
        return dead > 0
            ? new("messages", Condition.Bad, says, "see docs/runbooks/dead-letters.md")
            : oldest is { } since && o.At - since > WaitMax
                ? new("messages", Condition.Attention, says, "'fiberlink messages list' shows what keeps them")
                : new("messages", Condition.Good, says);
    }

    private static Finding Tips(Overview o) => new(
        "tips", Condition.Good, Say($"today {o.Tips.Requested} requested, {o.Tips.Settled} settled, {o.Tips.Open} open"));

    private static Finding Withdrawals(Overview o)
    {
        var says = o.Withdrawals.Count == 0
            ? "none is under way"
            : string.Join("; ", o.Withdrawals.Select(w => Say($"{w.Count} {w.Stage}, the oldest asked for {o.Ago(w.Oldest)}")));
        var approvals = o.Withdrawals.Sum(w => w.NeedApproval);
        return o.Withdrawals.Any(w => w.Stage == "PaidAfterFailure")
            ? new("withdrawals", Condition.Bad, says, "one that had failed was paid after all: see docs/runbooks/withdrawals.md")
            : o.Withdrawals.Any(w => w.Stage == "Lost")
                ? new("withdrawals", Condition.Bad, says, "one that was complete is lost for good: see docs/runbooks/withdrawals.md")
            : approvals > 0
                ? new(
                    "withdrawals", Condition.Attention, says, Say($"{approvals} wait for somebody to agree: 'fiberlink withdrawals list'"))
                : new("withdrawals", Condition.Good, says);
    }

    private static IEnumerable<Finding> Suspense(Overview o, AssetSettings assets) => o.Suspense.Select(s => new Finding(
        "suspense",
        Condition.Attention,
        $"{assets.Format(s.Asset, s.Units)} {s.Asset} of {s.Tenant}: somebody has to decide whose it is",
        $"'fiberlink ledger entries {s.Tenant} --account Suspense' says what it came from; see docs/runbooks/correct-the-books.md"));

    private static IEnumerable<Finding> Treasury(IReadOnlyList<StandingAlarm> alarms, Func<StandingAlarm, string> sentence) =>
        alarms.Count == 0
            ? [new("treasury", Condition.Good, "nothing is wrong at the places that were seen")]
            : alarms.Select(a => new Finding(
                "treasury", a.IsTold ? Condition.Bad : Condition.Attention, sentence(a), "see docs/runbooks/treasury.md"));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
