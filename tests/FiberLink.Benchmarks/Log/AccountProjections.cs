using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Benchmarks.Log;

/// <summary>The events that move something, as all of these projections see them.</summary>
internal static class Moves
{
    public static (string Account, long Units)? Of(RecordedEvent recorded) => recorded.Body switch
    {
        Deposited deposited => (deposited.Account, deposited.Units),
        Withdrawn withdrawn => (withdrawn.Account, -withdrawn.Units),
        _ => null,
    };

    public static NpgsqlParameter Column<T>(IEnumerable<T> values) => new() { Value = values.ToArray() };
}

/// <summary>Inline: a balance for each account, which may not fall below its floor.</summary>
internal sealed class BalancesProjection : IProjection
{
    /// <summary>What breaks the floor of any account.</summary>
    public const long TooMuch = 2_000_000_000;

    private const string Add =
        """
        insert into bench.balances as balance (account, units, last_position)
        select * from unnest($1::text[], $2::bigint[], $3::bigint[])
        on conflict on constraint pk_balances do update
           set units = balance.units + excluded.units, last_position = excluded.last_position
        """;

    public string Name => "BenchBalances";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var accounts = new SortedDictionary<string, (long Units, long Position)>(StringComparer.Ordinal);
        foreach (var recorded in events)
        {
            if (Moves.Of(recorded) is { } move)
            {
                accounts[move.Account] = (accounts.GetValueOrDefault(move.Account).Units + move.Units, recorded.Position);
            }
        }

        if (accounts.Count > 0)
        {
            batch.Add(
                Add,
                Moves.Column(accounts.Keys),
                Moves.Column(accounts.Values.Select(a => a.Units)),
                Moves.Column(accounts.Values.Select(a => a.Position)));
        }
    }
}

/// <summary>A row for each account, from the events of many streams.</summary>
internal sealed class TotalsProjection : IProjection
{
    private const string Add =
        """
        insert into bench.totals as total (account, units, moves)
        select * from unnest($1::text[], $2::bigint[], $3::bigint[])
        on conflict on constraint pk_totals do update
           set units = total.units + excluded.units, moves = total.moves + excluded.moves
        """;

    public string Name => "BenchTotals";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var accounts = new Dictionary<string, (long Units, long Moves)>(StringComparer.Ordinal);
        foreach (var recorded in events)
        {
            if (Moves.Of(recorded) is { } move)
            {
                var before = accounts.GetValueOrDefault(move.Account);
                accounts[move.Account] = (before.Units + move.Units, before.Moves + 1);
            }
        }

        if (accounts.Count > 0)
        {
            batch.Add(
                Add,
                Moves.Column(accounts.Keys),
                Moves.Column(accounts.Values.Select(a => a.Units)),
                Moves.Column(accounts.Values.Select(a => a.Moves)));
        }
    }
}

/// <summary>A row for each stream.</summary>
internal sealed class StreamsProjection : IProjection
{
    private const string Add =
        """
        insert into bench.streams as shown (tenant, stream, units, version)
        select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
        on conflict on constraint pk_streams do update
           set units = shown.units + excluded.units, version = excluded.version
        """;

    public string Name => "BenchStreams";

    public bool IsByStream => true;

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var streams = new Dictionary<StreamId, (long Units, long Version)>();
        foreach (var recorded in events)
        {
            var units = Moves.Of(recorded)?.Units ?? 0;
            streams[recorded.Stream] = (streams.GetValueOrDefault(recorded.Stream).Units + units, recorded.Version);
        }

        if (streams.Count > 0)
        {
            batch.Add(
                Add,
                Moves.Column(streams.Keys.Select(s => s.Tenant)),
                Moves.Column(streams.Keys.Select(s => s.Key)),
                Moves.Column(streams.Values.Select(s => s.Units)),
                Moves.Column(streams.Values.Select(s => s.Version)));
        }
    }
}

/// <summary>The totals, which tell whoever listens how far they are in the moment they are committed.</summary>
internal sealed class AnnouncedTotals : IProjection
{
    /// <summary>Carries the position up to which everything is shown.</summary>
    public const string Channel = "bench_shown";

    private const string Announce = $"select pg_notify('{Channel}', $1)";

    private readonly TotalsProjection _totals = new();

    public string Name => "BenchAnnounced";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        _totals.Project(events, batch);
        batch.Add(Announce, new NpgsqlParameter { Value = $"{events[^1].Position}" });
    }
}
