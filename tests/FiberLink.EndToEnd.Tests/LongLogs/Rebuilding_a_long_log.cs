using System.Globalization;
using System.Text.RegularExpressions;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.LongLogs;

/// <summary>All read models of a long log are built anew at noon: people tip, pay and look, and the first rebuild dies half way.</summary>
public sealed partial class Rebuilding_a_long_log
{
    private const int People = 16;
    private const string Slowest = "TipActivity";

    // Each is two commands, one to make it and one to settle it, and five calls of people and node.
    private static readonly int TipsPerSecond = LongRun.IsAskedFor ? 100 : 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fails_nobody_shows_nothing_wrong_and_goes_on_where_it_was_killed()
    {
        await using var log = await SeededLog.MakeAsync(Ct);
        await using var scene = await ServiceScene.StartAtAsync(log.ConnectionString, Ct);
        await using var service = await scene.StartServiceAsync(Ct);
        await ShowsAllAsync(log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var people = new SteadyPeople(service.Forum, scene.Node);
        var (began, going) = (TimeProvider.System.GetTimestamp(), people.RunAsync(People, TipsPerSecond, stop.Token, Ct));

        await KillHalfWayAsync(log);
        var rebuilt = (await SeededLog.JsonAsync(log.ConnectionString, Ct, "projections", "rebuild", "--all")).AsArray();

        Assert.All(rebuilt, m => Assert.Equal("took over", (string?)m!["outcome"]));
        Assert.True((long)rebuilt.Single(m => (string)m!["name"]! == Slowest)!["resumedAt"]! >= SeededLog.EventsWanted / 2);
        foreach (var model in rebuilt)
        {
            var (events, seconds) = ((long)model!["events"]!, (double)model["seconds"]!);
            SeededLog.Tell($"rebuild {(string)model["name"]!}: {events} events in {seconds:0.0} s, {events / seconds:0} a second");
        }

        var (asked, took) = (people.Asked, TimeProvider.System.GetElapsedTime(began));
        await stop.CancelAsync();
        await going;
        var answers = people.Answers;
        SeededLog.Tell($"{asked} tips in {took.TotalSeconds:0} s, {asked / took.TotalSeconds:0} a second, beside it");
        SeededLog.Tell($"{answers.Count} answers: half within {Of(answers, 50):0} ms, 99 of 100 within {Of(answers, 99):0} ms");
        Assert.Empty(people.Failures);
        await Eventually.HoldsAsync("nothing waits", async () => await scene.Books.WaitingAsync(Ct) == 0, Ct);

        var verified = (await SeededLog.JsonAsync(log.ConnectionString, Ct, "projections", "verify", "--all")).AsArray();
        Assert.Equal(rebuilt.Select(m => (string)m!["name"]!), verified.Select(m => (string)m!["name"]!));
        Assert.All(verified, m => Assert.True((bool)m!["isSame"]!, m.ToJsonString()));
    }

    /// <summary>A service that has been running shows all there is; this one has the whole log before it.</summary>
    private static Task ShowsAllAsync(SeededLog log) => SeededLog.UntilAsync(
        async () => (await SeededLog.JsonAsync(log.ConnectionString, Ct, "projections", "list")).AsArray().All(m => (long)m!["lag"]! == 0),
        Ct);

    private static async Task KillHalfWayAsync(SeededLog log)
    {
        // No faster than that, so that half way is a moment that can be met in a short log too.
        var rate = Math.Max(SeededLog.EventsWanted / 8, 500).ToString(CultureInfo.InvariantCulture);
        await using var doomed = SeededLog.Start(log.ConnectionString, "projections", "rebuild", Slowest, "--max-rate", rate);
        await SeededLog.UntilAsync(
            () =>
            {
                Assert.False(doomed.HasExited, doomed.Story);
                return Task.FromResult(doomed.Lines.Any(IsHalfWay));
            },
            Ct);
        await doomed.KillAsync();
        SeededLog.Tell($"killed: {doomed.Lines.Last()}");
        var listed = (await SeededLog.JsonAsync(log.ConnectionString, Ct, "projections", "list")).AsArray();
        Assert.NotNull(listed.Single(m => (string)m!["name"]! == Slowest)!["unfinished"]);
    }

    private static bool IsHalfWay(string line) =>
        Position().Match(line) is { Success: true } at
        && 2 * Number(at.Groups[1]) >= Number(at.Groups[2]);

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    private static double Of(IReadOnlyList<TimeSpan> answers, int percent) =>
        answers[(answers.Count - 1) * percent / 100].TotalMilliseconds;

    [GeneratedRegex(@"(\d+) of (\d+) events")]
    private static partial Regex Position();
}
