using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.HubNode;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Benchmarks.Settlements;

/// <summary>Looks at the log every five milliseconds for settled tips; the balance is written in the same transaction.</summary>
internal sealed class SeenSettlements : IAsyncDisposable
{
    private const string News =
        """
        select t.payment_hash, e.seq_id
          from event_store.mt_events as e
          join read_models.tip_status as t on t.tenant_id = e.tenant_id and t.tip_id = substring(e.stream_id from 5)::uuid
         where e.seq_id > $1 and e.type = 'tip.settled.v1'
         order by e.seq_id
        """;

    private readonly NpgsqlDataSource _database;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _waiting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _looking;

    public SeenSettlements(string database)
    {
        _database = NpgsqlDataSource.Create(database);
        _looking = LookAsync(_stop.Token);
    }

    /// <summary>When it is seen; ask before it is paid.</summary>
    public Task<long> Of(PaymentHash hash) =>
        _waiting.GetOrAdd(hash.ToString(), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        await _database.DisposeAsync();
        _stop.Dispose();
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var position = 0L;
        try
        {
            while (true)
            {
                await using var command = _database.Command(News, new NpgsqlParameter { Value = position });
                await using (var reader = await command.ExecuteReaderAsync(ct))
                {
                    while (await reader.ReadAsync(ct))
                    {
                        position = reader.GetInt64(1);
                        if (_waiting.TryGetValue(reader.GetString(0), out var waiting))
                        {
                            waiting.TrySetResult(Stopwatch.GetTimestamp());
                        }
                    }
                }

                await Task.Delay(5, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Nobody waits any more.
        }
    }
}
