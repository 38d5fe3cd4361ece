using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Messaging;

/// <summary>Counts what waits, or estimates it where there is much.</summary>
internal sealed class BacklogCount(NpgsqlDataSource database)
{
    // A few per cent of error; read in some milliseconds.
    private const double SampledPages = 500;

    private static readonly string[] Finished = ["dead", "expired"];

    public async Task<IReadOnlyList<Backlog>> ReadAsync(int limit, CancellationToken ct)
    {
        // One more than is counted tells that there are more.
        var counted = await ReadAsync(
            BacklogSql.Counted, isEstimated: false, ct, new NpgsqlParameter { Value = Backlog.CountedMax + 1 });
        var many = counted.GroupBy(b => b.State, StringComparer.Ordinal)
            .Where(s => s.Sum(b => b.Count) > Backlog.CountedMax).Select(s => s.Key).ToArray();
        var groups = counted.Where(b => !many.Contains(b.State)).ToList();
        if (many.Except(Finished).Any())
        {
            groups.AddRange(await ReadAsync(
                BacklogSql.SampledWaiting, isEstimated: true, ct, new() { Value = many }, new() { Value = SampledPages }));
        }

        if (many.Intersect(Finished).ToArray() is { Length: > 0 } finished)
        {
            groups.AddRange(await ReadAsync(
                BacklogSql.SampledDead, isEstimated: true, ct, new() { Value = SampledPages }, new() { Value = finished }));
        }

        return Backlog.Largest(groups, limit);
    }

    private async Task<IReadOnlyList<Backlog>> ReadAsync(
        string sql, bool isEstimated, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var batch = database.CreateBatch();
        batch.Add(QueueSql.Lightly);
        batch.Add(sql, parameters);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var groups = new List<Backlog>();
        while (await reader.ReadAsync(ct))
        {
            groups.Add(new(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3),
                reader.GetFieldValue<DateTimeOffset>(4))
            {
                IsEstimated = isEstimated,
            });
        }

        return groups;
    }
}
