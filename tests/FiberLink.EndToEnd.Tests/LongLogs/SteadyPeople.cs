using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Sandbox.Control;

namespace FiberLink.EndToEnd.Tests.LongLogs;

/// <summary>
/// People who tip, pay and look at a steady pace, whatever else the service has to do. Nothing is repeated: every answer that is no
/// success is kept, and so is every answer that says less than one before it.
/// </summary>
internal sealed class SteadyPeople(SignedCaller service, SandboxControl node)
{
    private const string Recipient = "9";
    private const int LooksAtBalanceEach = 20;

    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentQueue<TimeSpan> _answers = [];
    private readonly ConcurrentQueue<string> _settled = [];
    private int _asked;

    /// <summary>What went wrong, or was wrong.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Tips asked for so far.</summary>
    public int Asked => _asked;

    /// <summary>How long answers took, in order of length.</summary>
    public IReadOnlyList<TimeSpan> Answers => [.. _answers.Order()];

    /// <summary>Goes on until it is stopped.</summary>
    /// <param name="people">How many at once.</param>
    /// <param name="tipsPerSecond">All of them together, as far as answers come in time.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="ct">Breaks it off.</param>
    public Task RunAsync(int people, int tipsPerSecond, CancellationToken stop, CancellationToken ct)
    {
        var pause = TimeSpan.FromSeconds((double)people / tipsPerSecond);
        return Task.WhenAll(Enumerable.Range(0, people).Select(p => TipAsync(p, pause, stop, ct)));
    }

    private async Task TipAsync(int person, TimeSpan pause, CancellationToken stop, CancellationToken ct)
    {
        using var pace = new PeriodicTimer(pause, TimeProvider.System);
        var (paid, had) = ("", 0m);
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var wish = new Wish($"{person}-{n}", "7", Recipient, "1", "thanks");
            if (await AnsweredAsync("tip.create", wish.ToJson(), ct) is { } tip)
            {
                var invoice = (string)tip["invoice"]!;
                await node.PayAsync(invoice, ct);
                paid = await LookAsync(paid, ct) ? invoice : paid;
            }

            if (n % LooksAtBalanceEach == 0)
            {
                had = await CompareAsync(had, ct);
            }

            Interlocked.Increment(ref _asked);
            await pace.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>Whether the last one is settled; and one that was settled once must be so for ever.</summary>
    private async Task<bool> LookAsync(string paid, CancellationToken ct)
    {
        if (_settled.TryDequeue(out var known))
        {
            _settled.Enqueue(known);
            if (await StateAsync(known, ct) is { } state and not "SETTLED")
            {
                _failures.Enqueue($"A settled tip is said to be {state}.");
            }
        }

        if (paid.Length == 0)
        {
            return true;
        }

        if (await StateAsync(paid, ct) != "SETTLED")
        {
            return false;
        }

        _settled.Enqueue(paid);
        return true;
    }

    private async Task<decimal> CompareAsync(decimal had, CancellationToken ct)
    {
        if (await AnsweredAsync("dashboard.summary", new JsonObject { ["userId"] = Recipient }, ct) is not { } summary)
        {
            return had;
        }

        var has = decimal.Parse((string)summary["balance"]!, CultureInfo.InvariantCulture);
        if (has < had)
        {
            _failures.Enqueue($"A balance that only grows went from {had} to {has}.");
        }

        if (had > 0 && summary["tips"]!.AsArray().Count == 0)
        {
            _failures.Enqueue("Somebody with tips is said to have none.");
        }

        return has;
    }

    private async Task<string?> StateAsync(string invoice, CancellationToken ct) =>
        (string?)(await AnsweredAsync("tip.status", new JsonObject { ["invoice"] = invoice }, ct))?["state"];

    private async Task<JsonNode?> AnsweredAsync(string method, JsonObject parameters, CancellationToken ct)
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var answer = await service.CallAsync(method, parameters, ct);
            _answers.Enqueue(TimeProvider.System.GetElapsedTime(began));
            if (answer["result"] is { } result)
            {
                return result;
            }

            _failures.Enqueue($"{method}: {answer.ToJsonString()}");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or System.Text.Json.JsonException)
        {
            _failures.Enqueue($"{method}: {failed.Message}");
        }

        return null;
    }
}
