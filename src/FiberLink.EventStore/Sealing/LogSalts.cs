using FiberLink.Crypto;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>What a hash in an event was salted with; it commits with that event.</summary>
/// <param name="Id">What the event calls it.</param>
/// <param name="Salt">32 random bytes.</param>
public sealed record LogSaltRow(Guid Id, Bytes32 Salt) : CommitRow
{
    /// <summary>Without the salt.</summary>
    public override string ToString() => $"{nameof(LogSaltRow)} {Id}";
}

/// <summary>Salts, kept beside the log. Whoever erases one makes the hash say nothing any more.</summary>
public static class LogSalts
{
    private const string Sql = "select id, salt from event_store.log_salts where id = any($1)";

    /// <summary>Those of these ids that are there.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Bytes32>> ReadAsync(
        NpgsqlDataSource database, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        return await ReadAsync(work, ids, ct);
    }

    /// <inheritdoc cref="ReadAsync(NpgsqlDataSource, IReadOnlyCollection{Guid}, CancellationToken)"/>
    public static async Task<IReadOnlyDictionary<Guid, Bytes32>> ReadAsync(
        UnitOfWork work, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var command = work.Command(Sql, new NpgsqlParameter { Value = ids.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var salts = new Dictionary<Guid, Bytes32>();
        while (await reader.ReadAsync(ct))
        {
            salts.Add(reader.GetGuid(0), Bytes32.From(reader.GetFieldValue<byte[]>(1)));
        }

        return salts;
    }
}

/// <summary>Writes salts with the change that names them.</summary>
public sealed class LogSaltWriter : ICommitRowWriter
{
    private const string Insert =
        "insert into event_store.log_salts (id, salt) select * from unnest($1::uuid[], $2::bytea[])";

    public Type RowType => typeof(LogSaltRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        var salts = rows.Cast<LogSaltRow>().ToArray();
        batch.Add(
            Insert, new() { Value = salts.Select(s => s.Id).ToArray() }, new() { Value = salts.Select(s => s.Salt.ToBytes()).ToArray() });
    }
}
