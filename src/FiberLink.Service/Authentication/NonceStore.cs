using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Authentication;

/// <summary>
/// Remembers the nonces of signed requests in PostgreSQL, so that neither a restart nor a second service node lets a request in
/// twice. Requests that come together share a statement; a read's nonce does not wait for the disk.
/// </summary>
internal sealed class NonceStore
{
    /// <summary>How many nonces one pruning forgets at most.</summary>
    public const int PruneRowsMax = 5_000;

    private const int BatchMax = 200;

    // No community has this name.
    private const string Nobody = "";
    private const string Probe = "probe";

    private const string NoWait = "select set_config('synchronous_commit', 'off', true)";

    private const string Use =
        """
        insert into edge.request_nonces as n (app_id, nonce, expires)
        select * from unnest($1::text[], $2::text[], $3::timestamptz[])
        on conflict on constraint pk_request_nonces do update set expires = excluded.expires where n.expires <= $4
        returning app_id, nonce
        """;

    private const string Prune =
        """
        delete from edge.request_nonces where (app_id, nonce) in (
            select app_id, nonce from edge.request_nonces where expires < $1 order by expires limit $2)
        """;

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly Coalescer<Wanted, bool> _reads;
    private readonly Coalescer<Wanted, bool> _writes;

    public NonceStore(NpgsqlDataSource database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _reads = new(BatchMax, wanted => UseAsync(wanted, durable: false));
        _writes = new(BatchMax, wanted => UseAsync(wanted, durable: true));
    }

    /// <returns>False when the community has used the nonce before.</returns>
    public Task<bool> TryUseAsync(string app, string nonce, DateTimeOffset expires, bool durable, CancellationToken ct) =>
        (durable ? _writes : _reads).RunAsync(new(app, nonce, expires), ct);

    /// <summary>Writes a nonce of nobody's, over the last one, through to the disk.</summary>
    /// <exception cref="NpgsqlException">The database is away, or cannot be written to.</exception>
    public Task ProbeAsync(CancellationToken ct) => TryUseAsync(Nobody, Probe, _time.GetUtcNow(), durable: true, ct);

    /// <summary>Forgets nonces whose requests are stale by now, a limited number at a time.</summary>
    /// <returns>How many.</returns>
    public async Task<int> PruneAsync(CancellationToken ct)
    {
        await using var command = _database.Command(Prune, new() { Value = _time.GetUtcNow() }, new() { Value = PruneRowsMax });
        return await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<IReadOnlyList<bool>> UseAsync(IReadOnlyList<Wanted> wanted, bool durable)
    {
        // One statement cannot touch a row twice; of two equal ones in a batch the first is the one that counts.
        var distinct = wanted.DistinctBy(w => (w.App, w.Nonce)).ToArray();
        await using var batch = _database.CreateBatch();
        if (!durable)
        {
            batch.Add(NoWait);
        }

        batch.Add(
            Use,
            new() { Value = distinct.Select(w => w.App).ToArray() },
            new() { Value = distinct.Select(w => w.Nonce).ToArray() },
            new()
            {
                Value = distinct.Select(w => w.Expires.ToUniversalTime()).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            },
            new() { Value = _time.GetUtcNow() });

        var used = new HashSet<(string, string)>();
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        if (!durable)
        {
            await reader.NextResultAsync(CancellationToken.None);
        }

        while (await reader.ReadAsync(CancellationToken.None))
        {
            used.Add((reader.GetString(0), reader.GetString(1)));
        }

        return [.. wanted.Select(w => used.Remove((w.App, w.Nonce)))];
    }

    private sealed record Wanted(string App, string Nonce, DateTimeOffset Expires);
}
