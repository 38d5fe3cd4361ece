using System.Security.Cryptography;
using System.Text;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>
/// Shows a read model as it was at any position of the log: its tables are built beside the live ones up to there, written into files
/// and dropped. Appends and reads go on meanwhile.
/// </summary>
/// <param name="database">Where log and read models are.</param>
/// <param name="store">Reads the log.</param>
/// <param name="time">Drives the waits.</param>
public sealed class ProjectionReplay(NpgsqlDataSource database, IEventStore store, TimeProvider time)
{
    private const int BufferLength = 16_384;

    /// <summary>Replays the log up to a position.</summary>
    /// <param name="model">Which read model; it says what its tables are.</param>
    /// <param name="position">The last event that is shown; 0 for none. Not after the log's end.</param>
    /// <param name="folder">Where the files go: <c>table.csv</c> each. Made when it is not there.</param>
    /// <param name="progress">Told of each page, from any thread but one at a time.</param>
    /// <param name="ct">Stops the replay; what was built is dropped.</param>
    /// <exception cref="ArgumentException">The read model does not say its tables, or the log has no such position.</exception>
    /// <exception cref="IOException">A file is there already, or cannot be written.</exception>
    /// <exception cref="NpgsqlException">The database went away.</exception>
    public async Task<ReplayOutcome> RunAsync(
        ReadModel model, long position, string folder, IProgress<RebuildProgress>? progress, CancellationToken ct)
    {
        var options = new RebuildOptions();
        ProjectionRebuild.Check(model, options);
        var head = await store.ReadHeadAsync(ct);
        if (position < 0 || position > head)
        {
            throw new ArgumentOutOfRangeException(nameof(position), position, $"The log ends at {head}: give 0 to {head}.");
        }

        await using var held = await AdvisoryLock.TryTakeAsync(database, ProjectionRebuild.LockName(model), ct);
        if (held is null)
        {
            return new ReplayOutcome.AlreadyRunning();
        }

        try
        {
            return await RunLockedAsync(model, position, folder, options, new(model.Projection.Name, progress, time), ct);
        }
        catch (ProjectionFailedException poison)
        {
            return new ReplayOutcome.CannotShow(poison.Position, (poison.InnerException ?? poison).Message);
        }
        catch (NotRebuildableException unfit)
        {
            return new ReplayOutcome.NotReplayable(unfit.Message);
        }
        catch (GenerationMovedException)
        {
            return new ReplayOutcome.AlreadyRunning();
        }
    }

    private async Task<ReplayOutcome.Written> RunLockedAsync(
        ReadModel model, long position, string folder, RebuildOptions options, RebuildReport report, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var files = model.Tables!.Names.Select(t => Path.Combine(folder, $"{t}.csv")).ToArray();
        if (Array.Find(files, File.Exists) is { } there)
        {
            throw new IOException($"{there} is there already: name another folder, or remove it.");
        }

        var book = new GenerationBook(database);
        var generation = await book.OpenAsync(model, GenerationPurpose.Verify, options, ct);
        try
        {
            await new GenerationBuild(database, store, generation, options, report, time).ToAsync(position, ct);
            var written = new List<ReplayedFile>();
            foreach (var (table, file) in generation.Tables.Names.Zip(files))
            {
                written.Add(await WriteAsync(generation.Next(table), file, ct));
            }

            return new(position, written);
        }
        finally
        {
            // Without the token: whoever leaves early leaves nothing behind. What a kill leaves, the next one drops.
            await book.DropAsync(generation.Projection, generation.Number, generation.Schema, CancellationToken.None);
        }
    }

    private async Task<ReplayedFile> WriteAsync(string table, string path, CancellationToken ct)
    {
        var order = await OrderAsync(table, ct);
        await using var connection = await database.OpenConnectionAsync(ct);
        using var copy = await connection.BeginTextExportAsync(
            $"copy (select * from {table} order by {order}) to stdout (format csv, header)", ct);

        // One for the whole file: what two letters of the buffer make together may lie on both sides of its end.
        var encoder = Encoding.UTF8.GetEncoder();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var partial = path + ".part";
        var rows = -1L;
        await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            var (buffer, bytes, isQuoted) = (new char[BufferLength], new byte[Encoding.UTF8.GetMaxByteCount(BufferLength)], false);
            for (var read = await copy.ReadAsync(buffer, ct); read > 0; read = await copy.ReadAsync(buffer, ct))
            {
                // A line ends outside of quotes; a quote within quotes is two of them, which cancel out.
                foreach (var character in buffer.AsSpan(0, read))
                {
                    isQuoted ^= character == '"';
                    rows += character == '\n' && !isQuoted ? 1 : 0;
                }

                var length = encoder.GetBytes(buffer.AsSpan(0, read), bytes, flush: false);
                hash.AppendData(bytes.AsSpan(0, length));
                await file.WriteAsync(bytes.AsMemory(0, length), ct);
            }
        }

        File.Move(partial, path);
        return new(path, rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private async Task<string> OrderAsync(string table, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        var shape = await TableShape.ReadAsync(work, table, ct);
        return string.Join(", ", (shape.Key.Count > 0 ? shape.Key : shape.Columns).Select(SqlName.Quote));
    }
}
