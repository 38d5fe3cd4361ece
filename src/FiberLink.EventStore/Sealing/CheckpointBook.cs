using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>A checkpoint that was signed.</summary>
/// <param name="Head">What it says.</param>
/// <param name="Note">As it was signed.</param>
/// <param name="SignedAt">When.</param>
public sealed record SignedCheckpoint(TreeHead Head, string Note, DateTimeOffset SignedAt);

/// <summary>Signs checkpoints, and never two that do not follow on each other.</summary>
/// <param name="database">Where the log is.</param>
/// <param name="origin">The log's name.</param>
/// <param name="memory">What the signer remembers beside the database; null when it has no other memory.</param>
/// <param name="time">Says when.</param>
public sealed class CheckpointBook(NpgsqlDataSource database, string origin, SignerMemory? memory, TimeProvider time)
{
    private const string Columns = "select size, root, note, signed_at from event_store.log_checkpoints";
    private const string LastSql = $"{Columns} order by size desc limit 1";
    private const string FromSql = $"{Columns} where size >= $1 order by size limit 1";
    private const string AfterSql = $"{Columns} where size > $1 order by size limit $2";

    private const string WriteSql =
        """
        insert into event_store.log_checkpoints (size, root, note, signed_at) values ($1, $2, $3, $4)
            on conflict on constraint pk_log_checkpoints do update set note = excluded.note
        """;

    private readonly SealedTree _tree = new(database);

    /// <summary>The newest checkpoint; null when none was signed.</summary>
    public Task<SignedCheckpoint?> ReadLastAsync(CancellationToken ct) => ReadOneAsync(database.Command(LastSql), ct);

    /// <summary>The first checkpoint that has the event in it; null when it is not in one yet.</summary>
    public Task<SignedCheckpoint?> ReadCoveringAsync(long position, CancellationToken ct) =>
        ReadOneAsync(database.Command(FromSql, new NpgsqlParameter { Value = position }), ct);

    /// <summary>Checkpoints behind a size, in order.</summary>
    public async Task<IReadOnlyList<SignedCheckpoint>> ReadAfterAsync(long size, int limit, CancellationToken ct)
    {
        await using var command = database.Command(AfterSql, new() { Value = size }, new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var read = new List<SignedCheckpoint>();
        while (await reader.ReadAsync(ct))
        {
            read.Add(Read(reader));
        }

        return read;
    }

    /// <summary>Signs what is sealed, unless that was signed before; null when nothing is.</summary>
    /// <param name="signer">The key of the log.</param>
    /// <param name="beside">Another one that signs as well, when keys change hands; may be null.</param>
    /// <param name="ct">Stops it; then nothing was signed that anybody could see.</param>
    /// <exception cref="LogNotWholeException">The log does not begin with what was signed before. Nothing was signed.</exception>
    public async Task<SignedCheckpoint?> SignAsync(NoteSigner signer, NoteSigner? beside, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        var head = await LogSealer.LockAsync(work, ct);
        var last = await ReadOneAsync(work.Command(LastSql), ct);
        await CheckAsync(head, last?.Head, memory?.ReadLast(), ct);
        if (head.Size == 0)
        {
            return null;
        }

        var text = new Checkpoint(origin, head.Size, head.Root).ToText();
        var signers = beside is null ? [signer] : new[] { signer, beside };
        if (last is not null && last.Head.Size == head.Size && signers.All(s => IsSignedBy(last, s.Key)))
        {
            return last;
        }

        var note = new SignedNote(text, [.. signers.Select(s => s.Sign(text))]).ToString();
        var signed = new SignedCheckpoint(head, note, time.GetUtcNow());
        await using (var write = work.Command(
            WriteSql,
            new() { Value = head.Size },
            new() { Value = head.Root.ToBytes() },
            new() { Value = note },
            new() { Value = signed.SignedAt }))
        {
            await write.ExecuteNonQueryAsync(ct);
        }

        // Before anybody can see it: then it cannot be forgotten that it was signed.
        memory?.Remember(head);
        await work.CommitAsync(ct);
        return signed;
    }

    private static bool IsSignedBy(SignedCheckpoint checkpoint, NoteKey key) =>
        SignedNote.TryParse(checkpoint.Note, out var note) && note.IsSignedBy([key]);

    private async Task CheckAsync(TreeHead head, TreeHead? last, TreeHead? remembered, CancellationToken ct)
    {
        if (await _tree.RootAsync(head.Size, ct) != head.Root)
        {
            throw new LogNotWholeException(null, "The tiles of the log's tree do not give its root.");
        }

        foreach (var before in new[] { last, remembered }.OfType<TreeHead>())
        {
            if (before.Size > head.Size)
            {
                throw new LogNotWholeException(
                    null,
                    Invariant($"A log of {before.Size} events was signed, and now it has {head.Size}: events are missing at its end."));
            }

            if (await _tree.RootAsync(before.Size, ct) != before.Root)
            {
                throw new LogNotWholeException(
                    null, Invariant($"The first {before.Size} events are not those that were signed: an event was changed before that."));
            }
        }
    }

    private static async Task<SignedCheckpoint?> ReadOneAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            return await reader.ReadAsync(ct) ? Read(reader) : null;
        }
    }

    private static SignedCheckpoint Read(NpgsqlDataReader reader) =>
        new(
            new(reader.GetInt64(0), Bytes32.From(reader.GetFieldValue<byte[]>(1))),
            reader.GetString(2),
            reader.GetFieldValue<DateTimeOffset>(3));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
