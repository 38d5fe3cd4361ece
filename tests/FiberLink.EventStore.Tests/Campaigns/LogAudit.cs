using System.Globalization;
using FiberLink.LogWriter;
using Npgsql;

namespace FiberLink.EventStore.Tests.Campaigns;

/// <summary>Holds the log against what callers were told, and its tables against each other. Nobody may write meanwhile.</summary>
/// <remarks>It goes on where it was last time, and takes what it has read by then as given.</remarks>
internal sealed class LogAudit(NpgsqlDataSource database)
{
    private const int TokenLength = 32;

    private readonly List<RecordedEvent> _log = [];
    private readonly Dictionary<string, List<RecordedEvent>> _byToken = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Units, long Events)> _balances = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _versions = new(StringComparer.Ordinal);

    /// <summary>All events, in log order.</summary>
    public IReadOnlyList<RecordedEvent> Log => _log;

    public async Task CheckAsync(Ledger ledger, CancellationToken ct)
    {
        await AppendsGoOnAsync(ledger, ct);
        await ReadOnAsync(ct);
        await TheHeadIsTheEndAsync();
        await StreamsAreAsLongAsTheySayAsync();
        await ChangesAreWholeAsync();
        await BalancesAreAFoldAsync();
        var rows = await RowsAreWholeAsync();
        foreach (var (token, told) in ledger.Entries)
        {
            Check(token, told, rows);
        }

        Assert.All(_byToken.Keys.Concat(rows.Keys), token => Assert.True(ledger.Entries.ContainsKey(token), $"Nobody wrote {token}."));
    }

    private async Task AppendsGoOnAsync(Ledger ledger, CancellationToken ct)
    {
        await using var store = WriterLog.Open(database);
        var token = Guid.CreateVersion7().ToString("N");
        ledger.Take(Report.Began(token));
        var result = await store.AppendAsync(
            new(
                [new(new("demo", "audits"), ExpectedVersion.Any, [new(Guid.CreateVersion7(), new Moved("audits", 1, 1, 1, 0))])],
                new(token, null, null, null),
                Sample.Noon),
            ct);
        ledger.Take(Report.Appended(token, Assert.IsType<AppendResult.Appended>(result).Events.Select(e => e.Position)));
    }

    private async Task ReadOnAsync(CancellationToken ct)
    {
        await using var store = WriterLog.Open(database);
        while (await store.ReadLogAsync(_log.Count, EventStoreLimits.LogPageMax, ct) is { Count: > 0 } page)
        {
            foreach (var @event in page)
            {
                Assert.Equal(_log.Count + 1, @event.Position);
                var stream = @event.Stream.ToString();
                Assert.Equal(_versions.GetValueOrDefault(stream) + 1, @event.Version);
                _versions[stream] = @event.Version;
                _log.Add(@event);
                var moved = (Moved)@event.Body;
                var (units, events) = _balances.GetValueOrDefault(moved.Account);
                _balances[moved.Account] = (units + moved.Units, events + 1);
                var token = @event.Metadata.CorrelationId!;
                (_byToken.TryGetValue(token, out var change) ? change : _byToken[token] = []).Add(@event);
            }
        }
    }

    private async Task TheHeadIsTheEndAsync()
    {
        var head = _log.Count.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(head, await database.TextAsync("select position from event_store.log_head"));
        Assert.Equal(head, await database.TextAsync("select count(*) from event_store.mt_events"));
        Assert.Equal(head, await database.TextAsync("select last_value from event_store.mt_events_sequence"));
    }

    private async Task StreamsAreAsLongAsTheySayAsync() =>
        Assert.Equal(
            _versions.Select(v => $"{v.Key} {v.Value}"),
            await database.TextsAsync(
                """
                select tenant_id || '/' || id || ' ' || version from event_store.mt_streams order by (tenant_id || '/' || id) collate "C"
                """));

    private async Task ChangesAreWholeAsync()
    {
        foreach (var (token, events) in _byToken)
        {
            var numbers = events.Select(e => ((Moved)e.Body).Number).Order().ToArray();
            Assert.True(numbers.SequenceEqual(Enumerable.Range(1, ((Moved)events[0].Body).Of)), $"{token} is there in parts, or twice.");
            Assert.Equal(events.Count - 1, events[^1].Position - events[0].Position);
        }

        // The spans that the changes say they have cover the log.
        var last = await database.TextsAsync(
            """
            select last_position || ' ' || event_count from event_store.changes
             where not is_void and event_count > 0 order by last_position
            """);
        var spans = _byToken.Values.OrderBy(c => c[0].Position);
        Assert.Equal(spans.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c[^1].Position} {c.Count}")), last);
    }

    private async Task BalancesAreAFoldAsync() =>
        Assert.Equal(
            _balances.Select(b => $"{b.Key} {b.Value.Units} {b.Value.Events}"),
            await database.TextsAsync(
                """select account || ' ' || units || ' ' || events from writer_balances order by account collate "C" """));

    /// <returns>How many rows each change has.</returns>
    private async Task<Dictionary<string, int>> RowsAreWholeAsync()
    {
        var rows = (await database.TextsAsync("select key from writer_rows"))
            .Where(k => k != WriterLog.TakenKey)
            .GroupBy(k => k[..TokenLength], StringComparer.Ordinal)
            .ToDictionary(k => k.Key, k => k.ToArray(), StringComparer.Ordinal);
        Assert.All(rows.Values, keys => Assert.All(keys, k => Assert.EndsWith($"-{keys.Length}", k, StringComparison.Ordinal)));
        foreach (var (token, events) in _byToken)
        {
            Assert.Equal(((Moved)events[0].Body).Rows, rows.GetValueOrDefault(token)?.Length ?? 0);
        }

        return rows.ToDictionary(r => r.Key, r => r.Value.Length, StringComparer.Ordinal);
    }

    private void Check(string token, Ledger.Entry told, Dictionary<string, int> rows)
    {
        long[] positions = [.. _byToken.GetValueOrDefault(token, []).Select(e => e.Position)];
        Assert.True(told.OtherPositions is null, $"Of {token} two were told different things.");
        if (told.Positions is not null)
        {
            Assert.True(told.Positions.SequenceEqual(positions), $"{token} is not where it was said to be.");
            Assert.True(positions.Length > 0 || rows.ContainsKey(token), $"{token} was said to be appended, and is not there.");
        }
        else if (!told.IsOpen)
        {
            Assert.True(positions.Length == 0 && !rows.ContainsKey(token), $"{token} was said to have left nothing, and is there.");
        }
    }
}
