namespace FiberLink.Benchmarks.Log;

/// <summary>A figure counts only when what it measured was done right.</summary>
internal static class LogCheck
{
    private const string HasHoles =
        """
        select (select position from event_store.log_head) <> (select count(*) from event_store.mt_events)
            or (select position from event_store.log_head) <> (select coalesce(max(seq_id), 0) from event_store.mt_events)
        """;

    private const string WrongBalances =
        """
        select count(*)
          from (
            select data ->> 'account' as account,
                   sum(case type when 'bench.withdrawn' then -1 else 1 end * (data ->> 'units')::bigint) as units
              from event_store.mt_events
             where tenant_id = any ($1) and type in ('bench.deposited', 'bench.withdrawn')
             group by 1) as folded
          full join bench.balances as kept on kept.account = folded.account
         where kept.units is distinct from folded.units
        """;

    /// <exception cref="InvalidOperationException">The log has a hole, or a balance is not the sum of its events.</exception>
    public static Task SoundAsync(BenchDatabase database, CancellationToken ct) => SoundAsync(database, ["bench"], ct);

    /// <param name="database">Whose log.</param>
    /// <param name="tenants">Whose events are in the balances.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="InvalidOperationException">The log has a hole, or a balance is not the sum of its events.</exception>
    public static async Task SoundAsync(BenchDatabase database, string[] tenants, CancellationToken ct)
    {
        if (await database.ReadAsync<bool>(HasHoles, ct))
        {
            throw new InvalidOperationException("The log has holes: no figure of it counts.");
        }

        var wrong = await database.ReadAsync<long>(WrongBalances, ct, [tenants]);
        if (wrong > 0)
        {
            throw new InvalidOperationException($"{wrong} balances are not the sum of their events: no figure counts.");
        }
    }
}
