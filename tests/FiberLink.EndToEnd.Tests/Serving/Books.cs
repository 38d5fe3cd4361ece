using System.Globalization;
using Npgsql;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>What is written in the database, read without the service.</summary>
internal sealed class Books(NpgsqlDataSource database)
{
    public Task<long> TipsAsync(CancellationToken ct) =>
        NumberAsync("select count(*) from event_store.mt_streams where id like 'tip-%'", ct);

    public Task<long> EventsAsync(string name, CancellationToken ct) =>
        NumberAsync("select count(*) from event_store.mt_events where type = $1", ct, name);

    /// <summary>How many streams have the event more than once.</summary>
    public Task<long> RepeatedAsync(string name, CancellationToken ct) =>
        NumberAsync(
            "select count(*) from (select 1 from event_store.mt_events where type = $1 group by stream_id having count(*) > 1) as twice",
            ct,
            name);

    /// <summary>Payment hashes of the tips whose invoice is on record, in order.</summary>
    public async Task<IReadOnlyList<string>> InvoicedHashesAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            select requested.data -> 'order' ->> 'paymentHash'
              from event_store.mt_events as requested
              join event_store.mt_events as issued using (tenant_id, stream_id)
             where requested.type = 'tip.requested.v1' and issued.type = 'tip.invoice_issued.v1' order by 1
            """);
        var hashes = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            hashes.Add(reader.GetString(0));
        }

        return hashes;
    }

    /// <summary>What a member can spend, in shannons.</summary>
    public Task<long> BalanceAsync(string member, CancellationToken ct) =>
        NumberAsync(
            "select coalesce(sum(units), 0) from read_models.account_balances where account = 'MemberAvailable' and member = $1",
            ct,
            member);

    /// <summary>The sum of all balances: zero, or money came from nowhere.</summary>
    public Task<long> TrialBalanceAsync(CancellationToken ct) =>
        NumberAsync(
            "select coalesce(sum(abs(total)), 0) from (select sum(units) as total from read_models.account_balances group by asset) as t",
            ct);

    /// <summary>The same over the log itself: what every event's postings sum to, apart.</summary>
    public Task<long> UnbalancedEntriesAsync(CancellationToken ct) =>
        NumberAsync(
            """
            select count(*) from (
                select 1 from event_store.mt_events as e cross join jsonb_array_elements(e.data -> 'entry' -> 'postings') as p
                 group by e.seq_id having sum((p ->> 'units')::numeric) <> 0) as unbalanced
            """,
            ct);

    public Task<long> WaitingAsync(CancellationToken ct) => NumberAsync("select count(*) from messaging.waiting", ct);

    public Task<long> DeadLettersAsync(CancellationToken ct) => NumberAsync("select count(*) from messaging.dead_letters", ct);

    public Task<long> ClaimsAsync(CancellationToken ct) => NumberAsync("select count(*) from event_store.claims", ct);

    /// <summary>The id of the only tip there is.</summary>
    public async Task<Guid> TipIdAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select tip_id from read_models.tip_status");
        return (Guid)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>A single text.</summary>
    public async Task<string> TextAsync(string sql, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>A single number.</summary>
    public async Task<long> NumberAsync(string sql, CancellationToken ct, params string[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }
}
