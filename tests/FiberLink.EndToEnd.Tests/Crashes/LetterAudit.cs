using System.Text.Json;
using FiberLink.MessageWorker;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>Holds what became of letters against what the log says was asked for.</summary>
internal sealed class LetterAudit(NpgsqlDataSource database)
{
    private const string Events = "select type, data::text from event_store.mt_events order by seq_id";

    // One session may be looked at while it takes: what is left is asked for together.
    private const string Left =
        """
        select (select count(*) from messaging.waiting),
               (select count(*) from messaging.dead_letters),
               (select count(*) from messaging.handled)
        """;

    /// <summary>How many messages wait, in whatever state.</summary>
    public async Task<long> WaitingAsync(CancellationToken ct) => (await LeftAsync(ct)).Waiting;

    /// <summary>Every letter that committed was handled, once in effect, in the order of its key; and nothing is left.</summary>
    /// <returns>How many letters there were.</returns>
    public async Task<int> AssertAllIsDoneOnceAsync(CancellationToken ct)
    {
        await Eventually.HoldsAsync("nothing waits", async () => await WaitingAsync(ct) == 0, ct);
        var (asked, done) = await ReadAsync(ct);

        var times = done.CountBy(l => l.Id).ToDictionary(d => d.Key, d => d.Value);
        Assert.DoesNotContain(asked, l => !times.ContainsKey(l.Id));
        Assert.DoesNotContain(times, d => d.Value != 1);
        Assert.Equal(asked.Count, done.Count);
        Assert.Equal(ByKey(asked), ByKey(done));
        Assert.Equal((0, 0, asked.Count), await LeftAsync(ct));
        return asked.Count;
    }

    /// <summary>How many effects are of each worker.</summary>
    public async Task<IReadOnlyDictionary<string, int>> DoneByAsync(CancellationToken ct)
    {
        var by = new Dictionary<string, int>(StringComparer.Ordinal);
        await ForEachAsync(_ => { }, done => by[done.Worker] = by.GetValueOrDefault(done.Worker) + 1, ct);
        return by;
    }

    /// <summary>The letters of each key, in order, one line for each key.</summary>
    private static string[] ByKey(IEnumerable<Letter> letters) =>
    [
        .. letters.Where(l => l.Key.Length > 0)
            .GroupBy(l => $"{l.Tenant} {l.Key}", StringComparer.Ordinal)
            .OrderBy(k => k.Key, StringComparer.Ordinal)
            .Select(k => $"{k.Key}: {string.Join(' ', k.Select(l => l.Id))}"),
    ];

    private async Task<(List<Letter> Asked, List<Letter> Done)> ReadAsync(CancellationToken ct)
    {
        var (asked, done) = (new List<Letter>(), new List<Letter>());
        await ForEachAsync(
            asked.AddRange,
            effect =>
            {
                done.Add(effect.Letter);
                asked.AddRange(effect.Next);
            },
            ct);
        return (asked, done);
    }

    private async Task ForEachAsync(Action<IReadOnlyList<Letter>> asked, Action<Done> done, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Events);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetString(0) == "asked.v1")
            {
                asked(JsonSerializer.Deserialize(reader.GetString(1), LettersJson.Default.Asked)!.Letters);
            }
            else
            {
                done(JsonSerializer.Deserialize(reader.GetString(1), LettersJson.Default.Done)!);
            }
        }
    }

    private async Task<(long Waiting, long Dead, long Handled)> LeftAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Left);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
