using FiberLink.Events.Money;
using FiberLink.Service.Startup;
using FiberLink.Service.Telemetry;

namespace FiberLink.Service.Rates;

/// <summary>
/// Keeps the rates fresh. The first source is asked each time, and each next one about what is left: assets that had no answer, or one
/// too far from the last rate to be believed alone. What changes is logged when it changes, and not each round.
/// </summary>
internal sealed partial class RateRefresher(
    RateReader reader, RateBook book, ServiceSettings settings, TimeProvider time, ILogger<RateRefresher> logger)
{
    private readonly Dictionary<string, string> _troubles = new(StringComparer.Ordinal);
    private readonly HashSet<Asset> _heldBack = [];

    /// <summary>Runs until it is cancelled; with nobody to ask it only waits for that.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                await RefreshAsync(ct);
                await Task.Delay(settings.Usd.Sources.Count == 0 ? Timeout.InfiniteTimeSpan : settings.Usd.RefreshEvery, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // As it was told.
        }
    }

    /// <summary>One round. For the loop alone: two rounds at once are not provided for.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        using var unrecorded = ServiceTelemetry.StartUnrecorded();
        var told = new Dictionary<Asset, List<ToldRate>>();
        var open = settings.Usd.Sources.SelectMany(s => s.Path.Keys).ToHashSet();
        foreach (var source in settings.Usd.Sources)
        {
            if (!source.Path.Keys.Any(open.Contains))
            {
                continue;
            }

            var answer = await reader.AskAsync(source, ct);
            Note(source, answer);
            if (answer is not RateAnswer.Told { Rates: var rates, FetchedAt: var at })
            {
                continue;
            }

            foreach (var (asset, rate) in rates.Where(r => open.Contains(r.Key)))
            {
                var all = told.GetValueOrDefault(asset) ?? (told[asset] = []);
                all.Add(new(source.Name, rate, at));
                if (IsSettled(asset, all))
                {
                    open.Remove(asset);
                }
            }
        }

        foreach (var asset in open.Where(told.ContainsKey))
        {
            HeldBack(asset, told[asset]);
        }
    }

    private bool IsSettled(Asset asset, List<ToldRate> told)
    {
        var before = book.Last(asset);
        var reception = book.Hear(asset, told, hasOthers: settings.Usd.SourcesOf(asset).Skip(1).Any());
        if (reception is RateReception.HeldBack)
        {
            return false;
        }

        _heldBack.Remove(asset);
        if (reception is RateReception.TakenAsConfirmed && book.Last(asset) is { } now)
        {
            LogConfirmed(asset.Code, before!.Rate.Text, now.Rate.Text, now.Source);
        }

        return true;
    }

    private void HeldBack(Asset asset, List<ToldRate> told)
    {
        if (_heldBack.Add(asset) && book.Last(asset) is { } last)
        {
            LogHeldBack(asset.Code, string.Join(", ", told.Select(t => $"{t.Rate} ({t.Source})")), last.Rate.Text, last.Source);
        }
    }

    private void Note(UsdSource source, RateAnswer answer)
    {
        var trouble = answer switch
        {
            RateAnswer.Failed failed => failed.Why,
            RateAnswer.Told { Missing: { Count: > 0 } missing } => $"its answer has no rate of {string.Join(", ", missing)}",
            _ => null,
        };
        if (trouble is null)
        {
            if (_troubles.Remove(source.Name))
            {
                LogTellsAgain(source.Name);
            }
        }
        else if (_troubles.GetValueOrDefault(source.Name) != trouble)
        {
            _troubles[source.Name] = trouble;
            LogTrouble(source.Name, trouble);
        }
    }

    [LoggerMessage(2600, LogLevel.Warning, "{Source} does not tell what it is asked for: {Why}. Withdrawals wait for no rate")]
    private partial void LogTrouble(string source, string why);

    [LoggerMessage(2601, LogLevel.Information, "{Source} tells its rates again")]
    private partial void LogTellsAgain(string source);

    [LoggerMessage(2602, LogLevel.Warning,
        "One {Asset} is said to be worth {Told} dollars, and was worth {Last} ({Source}): not used until two sources agree")]
    private partial void LogHeldBack(string asset, string told, string last, string source);

    [LoggerMessage(2603, LogLevel.Warning, "One {Asset} was worth {Last} dollars and is worth {Rate} ({Source}): two sources agree")]
    private partial void LogConfirmed(string asset, string last, string rate, string source);
}
