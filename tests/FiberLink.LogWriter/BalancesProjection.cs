using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.LogWriter;

/// <summary>What each account has, as a projection in the appending transaction. One account is everybody's.</summary>
internal sealed class BalancesProjection : IProjection
{
    // The row comes first and empty: a check looks at the row that is proposed for insertion.
    private const string Open =
        "insert into writer_balances select a, 0, 0 from unnest($1::text[]) as a on conflict on constraint pk_writer_balances do nothing";

    private const string Add =
        """
        update writer_balances as b
           set units = b.units + m.units, events = b.events + m.events
          from unnest($1::text[], $2::bigint[], $3::bigint[]) as m (account, units, events)
         where b.account = m.account
        """;

    public string Name => "WriterBalances";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var moves = events.Select(e => (Moved)e.Body)
            .GroupBy(m => m.Account, StringComparer.Ordinal)
            .OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => (Account: a.Key, Units: a.Sum(m => m.Units), Count: a.LongCount()))
            .ToArray();
        var accounts = moves.Select(m => m.Account).ToArray();
        batch.Add(Open, new NpgsqlParameter { Value = accounts });
        batch.Add(
            Add,
            new NpgsqlParameter { Value = accounts },
            new NpgsqlParameter { Value = moves.Select(m => m.Units).ToArray() },
            new NpgsqlParameter { Value = moves.Select(m => m.Count).ToArray() });
    }
}
