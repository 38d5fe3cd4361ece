using FiberLink.Crypto;
using FiberLink.Crypto.Sealing;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>What is said of the log beside its events: head, tree, keys, checkpoints.</summary>
internal sealed class LogSurroundings
{
    private const string HeadSql = "select position from event_store.log_head";
    private const string TreeSql = "select size, root from event_store.log_tree";
    private const string KeysSql = "select number, key, since_size, voucher from event_store.log_keys order by number";
    private const string CheckpointsSql = "select size, root, note, signed_at from event_store.log_checkpoints order by size";

    private const string StrayTilesSql =
        """
        select level, index from event_store.log_tiles
         where (index::numeric * 256 + length(hashes) / 32) * (256::numeric ^ level) > $1
            or length(hashes) % 32 <> 0 or length(hashes) > 8192
         limit 1
        """;

    // Of each stream: 1, 2, 3 … up to what the stream says, and nothing twice.
    private const string StreamsSql =
        """
        select coalesce(s.tenant_id, e.tenant_id), coalesce(s.id, e.stream_id), s.version, e.least, e.most, e.count
          from event_store.mt_streams as s
          full join (select tenant_id, stream_id, min(version) as least, max(version) as most, count(distinct version) as count
                       from event_store.mt_events group by tenant_id, stream_id) as e
            on e.tenant_id = s.tenant_id and e.stream_id = s.id
         where s.version is distinct from e.most or e.least is distinct from 1 or e.count is distinct from e.most
         order by 1, 2 limit 20
        """;

    private LogSurroundings(long head, TreeHead tree) => (Head, Tree) = (head, tree);

    /// <summary>The last position, as the head says it.</summary>
    public long Head { get; }

    public TreeHead Tree { get; }

    /// <summary>Whatever is signed and holds, by size.</summary>
    public List<SignedCheckpoint> Checkpoints { get; } = [];

    /// <summary>Roots that the tree has to have had, by size, each with what says so.</summary>
    public List<(TreeHead Head, string Name)> Marks { get; } = [];

    public static async Task<LogSurroundings> ReadAsync(
        UnitOfWork work, VerifyLogOptions options, Findings findings, CancellationToken ct)
    {
        var head = await RowsAsync(work, HeadSql, r => r.GetInt64(0), ct);
        var tree = await RowsAsync(work, TreeSql, r => new TreeHead(r.GetInt64(0), Hash(r, 1)), ct);
        var read = new LogSurroundings(head.FirstOrDefault(), tree.Count > 0 ? tree[0] : new(0, MerkleHash.Empty));
        var keys = await ReadKeysAsync(work, options, findings, ct);
        var checkpoints = await RowsAsync(
            work,
            CheckpointsSql,
            r => new SignedCheckpoint(new(r.GetInt64(0), Hash(r, 1)), r.GetString(2), r.GetFieldValue<DateTimeOffset>(3)),
            ct);
        foreach (var checkpoint in checkpoints)
        {
            read.Take(checkpoint, keys, options.Origin, findings);
        }

        if (options.Seen is { } seen)
        {
            read.Marks.Add((seen, FormattableString.Invariant($"the checkpoint of size {seen.Size} that was seen before")));
        }

        read.Marks.Sort((a, b) => a.Head.Size.CompareTo(b.Head.Size));
        return read;
    }

    /// <summary>What can be said when all events were seen.</summary>
    public async Task EndAsync(UnitOfWork work, long last, Findings findings, CancellationToken ct)
    {
        if (Head != last)
        {
            findings.Add(
                Head > last ? SealFindingKind.LogCutOff : SealFindingKind.HeadWrong,
                null,
                $"The log's head says {Head} events, and the last one is at position {last}");
        }

        foreach (var stray in await RowsAsync(work, StrayTilesSql, r => (r.GetInt32(0), r.GetInt64(1)), ct, Tree.Size))
        {
            findings.Add(
                SealFindingKind.TreeWrong, null, $"Tile {stray.Item1}/{stray.Item2} has more than the tree's {Tree.Size} events give");
        }

        await using var command = work.Command(StreamsSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (tenant, stream) = (Said(reader, 0), Said(reader, 1));
            var (says, least, most, count) = (Said(reader, 2), Said(reader, 3), Said(reader, 4), Said(reader, 5));
            findings.Add(
                SealFindingKind.StreamBroken,
                null,
                $"Stream {tenant}/{stream}: it says version {says}, and has {count} from {least} to {most}");
        }
    }

    private static async Task<KeyChain?> ReadKeysAsync(UnitOfWork work, VerifyLogOptions options, Findings findings, CancellationToken ct)
    {
        var rows = await RowsAsync(
            work,
            KeysSql,
            r => (Number: r.GetInt32(0), Key: r.GetString(1), Since: r.GetInt64(2), Voucher: r.IsDBNull(3) ? null : r.GetString(3)),
            ct);
        var listed = new List<SealKey>();
        foreach (var row in rows)
        {
            if (NoteKey.TryParse(row.Key, out var key))
            {
                listed.Add(new(row.Number, key, row.Since, row.Voucher));
            }
        }

        if (listed.Count == 0 && options.Trusted is null)
        {
            return null;
        }

        var chain = listed.Count == rows.Count ? KeyChain.Follow(options.Origin, options.Trusted ?? listed[0].Key, listed) : null;
        if (chain is null)
        {
            findings.Add(
                SealFindingKind.CheckpointWrong, null, $"The log's list of keys does not follow from the key that is trusted");
        }

        return chain;
    }

    private void Take(SignedCheckpoint checkpoint, KeyChain? keys, string origin, Findings findings)
    {
        var size = checkpoint.Head.Size;
        if (!SignedNote.TryParse(checkpoint.Note, out var note) || !Checkpoint.TryParse(note.Text, out var says)
            || says != new Checkpoint(origin, size, checkpoint.Head.Root))
        {
            findings.Add(
                SealFindingKind.CheckpointWrong, null, $"The checkpoint of size {size} is not what its row says, or not of {origin}");
        }
        else if (keys?.For(size) is not { } valid || !note.IsSignedBy(valid))
        {
            findings.Add(SealFindingKind.CheckpointWrong, null, $"The checkpoint of size {size} is not signed by the key of its time");
        }
        else
        {
            Checkpoints.Add(checkpoint);
            Marks.Add((checkpoint.Head, FormattableString.Invariant($"the signed checkpoint of size {size}")));
        }
    }

    private static Bytes32 Hash(NpgsqlDataReader reader, int column) =>
        reader.GetFieldValue<byte[]>(column) is { Length: Bytes32.Length } bytes ? Bytes32.From(bytes) : default;

    private static string Said(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? "none" : $"{reader.GetValue(column)}";

    private static async Task<List<T>> RowsAsync<T>(
        UnitOfWork work, string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct, params long[] values)
    {
        await using var command = work.Command(sql, [.. values.Select(v => new NpgsqlParameter { Value = v })]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
