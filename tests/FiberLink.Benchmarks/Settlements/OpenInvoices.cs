using System.Diagnostics;
using FiberLink.Benchmarks.Log;
using FiberLink.Postgres;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Benchmarks.Settlements;

/// <summary>What it costs to watch invoices that nobody pays, by how many there are.</summary>
internal static class OpenInvoices
{
    private const string Head =
        "| open invoices | calls/s | needed calls/s | service and node CPU % | server CPU % | server µs a call | managed MB | n |\n"
        + "|--:|--:|--:|--:|--:|--:|--:|--:|";

    // As they are after two weeks of steady trade: all ages, each somewhere on its way to its next turn. Forty communities.
    private const string Fill =
        """
        insert into read_models.invoice_watch
            (tenant_id, tip_id, payment_hash, stage, issued_at, expires_at, next_poll_at, is_slow)
        select 'community-' || n % 40, gen_random_uuid(), '0x' || encode(sha256(n::text::bytea), 'hex'),
               case when age < interval '1 hour' then 'AwaitingPayment' else 'Expired' end,
               now() - age, now() - age + interval '1 hour', now() + pause * random(), age > interval '5 minutes'
          from generate_series(1, $1) as n,
               lateral (select interval '15 days' * (n - 0.5) / $1 as age) as a,
               lateral (select case when age < interval '1 hour'
                                    then least(greatest(age / 8, interval '500 milliseconds'), interval '2 minutes')
                                    else least(greatest((age - interval '1 hour') / 10, interval '5 seconds'), interval '1 hour')
                               end as pause) as p
        """;

    private const string Needed =
        """
        select coalesce(sum(1 / extract(epoch from case
                   when stage = 'AwaitingPayment'
                   then least(greatest((now() - issued_at) / 8, interval '500 milliseconds'), interval '2 minutes')
                   else least(greatest((now() - expires_at) / 10, interval '5 seconds'), interval '1 hour') end)), 0)::float8
          from read_models.invoice_watch
        """;

    public static async Task RunAsync(PrivatePostgres server, IReadOnlyList<int> sizes, TimeSpan time, CancellationToken ct)
    {
        Console.WriteLine(Head);
        foreach (var size in sizes)
        {
            await using var node = await UnpaidNode.StartAsync(ct);
            var settings = BenchService.Settings(server, $"open_{size}", node.Endpoint);
            await BenchService.PrepareAsync(server, $"open_{size}", settings, ct);
            var needed = await FillAsync(settings, size, ct);
            await using var service = await BenchService.StartAsync(settings, ct);
            await Task.Delay(TimeSpan.FromSeconds(3), ct);
            Console.WriteLine(await RowAsync(server, node, size, needed, time, ct));
            await service.StopAsync(ct);
        }
    }

    private static async Task<string> RowAsync(
        PrivatePostgres server, UnpaidNode node, int size, double needed, TimeSpan time, CancellationToken ct)
    {
        var (before, calls, started) = (Spent.SoFar(server.ProcessId!.Value), node.Calls, Stopwatch.GetTimestamp());
        await Task.Delay(time, ct);
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = Spent.SoFar(server.ProcessId!.Value);
        calls = node.Calls - calls;
        var (client, servers) = ((after.Client - before.Client).TotalSeconds, (after.Server - before.Server).TotalSeconds);
        return $"| {size:N0} | {calls / took:N1} | {needed:N1} | {100 * client / took:N1} | {100 * servers / took:N1} "
            + $"| {1e6 * servers / Math.Max(1, calls):N0} | {GC.GetTotalMemory(forceFullCollection: true) / 1e6:N1} | {calls:N0} |";
    }

    private static async Task<double> FillAsync(ServiceSettings settings, int size, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(settings.Database);
        await using var fill = database.Command(Fill, new NpgsqlParameter { Value = size });
        fill.CommandTimeout = 0;
        await fill.ExecuteNonQueryAsync(ct);
        await using var vacuum = database.Command("vacuum analyze read_models.invoice_watch");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync(ct);
        await using var needed = database.Command(Needed);
        needed.CommandTimeout = 0;
        return (double)(await needed.ExecuteScalarAsync(ct))!;
    }
}
