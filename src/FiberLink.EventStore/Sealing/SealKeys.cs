using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>A key of the log.</summary>
/// <param name="Number">From 1, in the order in which they signed.</param>
/// <param name="Key">The public half.</param>
/// <param name="SinceSize">Checkpoints up to this size are signed by the key before, and later ones by this.</param>
/// <param name="Voucher">What the key before signed about this one; null for the first.</param>
public sealed record SealKey(int Number, NoteKey Key, long SinceSize, string? Voucher);

/// <summary>Which keys sign the log's checkpoints, from which size on.</summary>
/// <param name="database">Where they are listed. A list that was changed is told by its vouchers.</param>
/// <param name="origin">The log's name.</param>
/// <param name="time">Says when.</param>
public sealed class SealKeys(NpgsqlDataSource database, string origin, TimeProvider time)
{
    private const string ReadSql = "select number, key, since_size, voucher from event_store.log_keys order by number";

    private const string WriteSql =
        "insert into event_store.log_keys (number, key, since_size, voucher, added_at) values ($1, $2, $3, $4, $5) on conflict do nothing";

    /// <summary>All keys, the first one first.</summary>
    /// <exception cref="LogNotWholeException">The list holds something else than keys.</exception>
    public async Task<IReadOnlyList<SealKey>> ReadAsync(CancellationToken ct)
    {
        await using var command = database.Command(ReadSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var keys = new List<SealKey>();
        while (await reader.ReadAsync(ct))
        {
            keys.Add(NoteKey.TryParse(reader.GetString(1), out var key)
                ? new(reader.GetInt32(0), key, reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetString(3))
                : throw new LogNotWholeException(null, "The list of the log's keys holds something else."));
        }

        return keys;
    }

    /// <summary>Whether the key is the one that signs now. The first that asks becomes the first key.</summary>
    public async Task<bool> IsCurrentAsync(NoteKey key, CancellationToken ct)
    {
        var keys = await ReadAsync(ct);
        if (keys.Count == 0)
        {
            await WriteAsync(new(1, key, 0, null), ct);
            keys = await ReadAsync(ct);
        }

        return keys[^1].Key.Equals(key);
    }

    /// <summary>Hands over from the key that signs now to another, at a checkpoint that both sign.</summary>
    /// <param name="old">The present key.</param>
    /// <param name="new">The next one.</param>
    /// <param name="book">Signs the checkpoint.</param>
    /// <param name="ct">Stops it; called again it goes on.</param>
    /// <returns>The new key as it is listed; null when <paramref name="old"/> is not the one that signs now.</returns>
    /// <exception cref="LogNotWholeException">The log cannot be signed.</exception>
    public async Task<SealKey?> RotateAsync(NoteSigner old, NoteSigner @new, CheckpointBook book, CancellationToken ct)
    {
        var keys = await ReadAsync(ct);
        if (keys is not [.., var last] || !last.Key.Equals(old.Key))
        {
            return null;
        }

        var checkpoint = await book.SignAsync(old, @new, ct);
        var size = checkpoint?.Head.Size ?? 0;
        var text = KeyChain.VoucherText(origin, size, @new.Key);
        var key = new SealKey(last.Number + 1, @new.Key, size, new SignedNote(text, [old.Sign(text), @new.Sign(text)]).ToString());
        await WriteAsync(key, ct);
        return (await ReadAsync(ct)) is [.., var now] && now.Key.Equals(@new.Key) ? now : null;
    }

    private async Task WriteAsync(SealKey key, CancellationToken ct)
    {
        await using var command = database.Command(
            WriteSql,
            new() { Value = key.Number },
            new() { Value = key.Key.ToString() },
            new() { Value = key.SinceSize },
            new() { Value = (object?)key.Voucher ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
            new() { Value = time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(ct);
    }
}
