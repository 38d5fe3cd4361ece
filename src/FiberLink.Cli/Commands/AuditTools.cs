using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using FiberLink.Service;
using FiberLink.Service.Audit;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary>What the audit commands work with.</summary>
internal sealed class AuditTools : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public AuditTools(ServiceSettings settings)
    {
        _services = ServiceHost.BuildTools(settings);
        Settings = settings.Audit;
        Database = _services.GetRequiredService<NpgsqlDataSource>();
        Tree = new(Database);
        Keys = new(Database, Settings.Origin, TimeProvider.System);
        Book = new(
            Database,
            Settings.Origin,
            Settings.KeyFile is { } file ? new SignerMemory(AuditKeyFile.MemoryOf(file)) : null,
            TimeProvider.System);
    }

    public AuditSettings Settings { get; }

    public NpgsqlDataSource Database { get; }

    public IServiceProvider Services => _services;

    public SealedTree Tree { get; }

    public SealKeys Keys { get; }

    public CheckpointBook Book { get; }

    /// <summary>The key of the settings.</summary>
    /// <exception cref="CommandFailedException">None is set.</exception>
    /// <exception cref="AuditKeyException">It can't be opened.</exception>
    public NoteSigner OpenKey() =>
        Settings is { KeyFile: { } file, Passphrase: { } passphrase }
            ? AuditKeyFile.Open(file, Settings.Origin, passphrase)
            : throw new CommandFailedException(
                ExitCode.Usage,
                $"There is no key to sign with: set {ServiceSettings.Names.AuditKey} and {ServiceSettings.Names.AuditKeyPassphrase}_FILE.");

    /// <summary>Every key that has ever signed this log.</summary>
    public async Task<IReadOnlyList<NoteKey>> ReadKeysAsync(CancellationToken ct) => [.. (await Keys.ReadAsync(ct)).Select(k => k.Key)];

    /// <summary>The newest checkpoint that was signed.</summary>
    /// <exception cref="CommandFailedException">None was.</exception>
    public async Task<SignedCheckpoint> ReadNewestAsync(CancellationToken ct) =>
        await Book.ReadLastAsync(ct) ?? throw new CommandFailedException(ExitCode.Refused, "No checkpoint has been signed.");

    /// <summary>Seals what there is, and signs it.</summary>
    public async Task<SignedCheckpoint> SignAsync(CancellationToken ct)
    {
        using var signer = OpenKey();
        await new LogSealer(Database).SealAsync(null, ct);
        return !await Keys.IsCurrentAsync(signer.Key, ct)
            ? throw new CommandFailedException(ExitCode.Refused, $"The key in '{Settings.KeyFile}' is not the one that signs this log.")
            : await Book.SignAsync(signer, null, ct)
                ?? throw new CommandFailedException(ExitCode.Refused, "The log is empty: there is nothing to sign.");
    }

    /// <summary>Shows that an event is in the log, by the first checkpoint that has it; where there is none, one is signed.</summary>
    /// <exception cref="CommandFailedException">There is no such event, or no checkpoint with it and no key.</exception>
    /// <exception cref="LogNotWholeException">The event is not the one that was signed.</exception>
    public async Task<LogProof> ProveAsync(long position, CancellationToken ct) => (await ProveAsync([position], ct))[0];

    /// <summary>Shows that events are in the log, all by the first checkpoint that has the last of them.</summary>
    /// <inheritdoc cref="ProveAsync(long, CancellationToken)"/>
    public async Task<IReadOnlyList<LogProof>> ProveAsync(IReadOnlyList<long> positions, CancellationToken ct)
    {
        var events = new List<SealedEvent>();
        foreach (var position in positions)
        {
            events.Add(await new SealedEvents(Database).ReadAsync(position, ct)
                ?? throw new CommandFailedException(ExitCode.Refused, Invariant($"There is no event at position {position}.")));
        }

        var (note, head) = await CoverAsync(positions.Max(), ct);
        var proofs = new List<LogProof>();
        foreach (var (position, form, entry) in events)
        {
            var path = await Tree.InclusionAsync(position, head.Size, ct);
            proofs.Add(MerkleProof.Includes(position - 1, MerkleHash.Leaf(entry.ToBytes()), head.Size, head.Root, path)
                ? new(form, position - 1, path, note)
                : throw new LogNotWholeException(position, "the event is not the one that was signed"));
        }

        return proofs;
    }

    /// <summary>The first checkpoint that has an event in it.</summary>
    /// <exception cref="CommandFailedException">There is none, and no key to sign one with.</exception>
    public async Task<(SignedNote Note, TreeHead Head)> CoverAsync(long position, CancellationToken ct)
    {
        var checkpoint = await Book.ReadCoveringAsync(position, ct);
        if (checkpoint is null && Settings.KeyFile is null)
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                Invariant($"Position {position} is in no checkpoint yet; the service signs one soon, or 'audit checkpoint'."));
        }

        checkpoint ??= await SignAsync(ct);
        return SignedNote.TryParse(checkpoint.Note, out var note)
            ? (note, checkpoint.Head)
            : throw new LogNotWholeException(null, Invariant($"The checkpoint of size {checkpoint.Head.Size} is not one."));
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>Writes a proof into a file and says so; "-" prints it.</summary>
    public static async Task<int> WriteAsync(string proof, string output, string what, CancellationToken ct)
    {
        if (output == "-")
        {
            await Console.Out.WriteAsync(proof);
            return ExitCode.Done;
        }

        if (File.Exists(output))
        {
            throw new CommandFailedException(ExitCode.Refused, $"'{output}' is there already, and is left alone: name another with --out.");
        }

        await File.WriteAllTextAsync(output, proof, ct);
        await Console.Out.WriteLineAsync($"{output}: {what}.");
        return ExitCode.Done;
    }

    /// <summary>A key, by itself or in the line that 'audit key list' prints, or from a file with one of these.</summary>
    public static NoteKey ReadKey(string keyOrFile)
    {
        // A line of 'audit key list' says before the key since when it signs.
        var text = File.Exists(keyOrFile) ? File.ReadAllText(keyOrFile) : keyOrFile;
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Where(w => w.Contains('+', StringComparison.Ordinal)).ToArray() is [var word] && NoteKey.TryParse(word, out var key)
            ? key
            : throw new CommandFailedException(
                ExitCode.Usage,
                $"'{keyOrFile}' is neither a key (name+id+base64, as 'audit key list' prints it) nor a file with one, or a letter of it is "
                + "wrong.");
    }

    /// <summary>A signed checkpoint from a file; who kept it may have lost the end of its last line.</summary>
    public static (SignedNote Note, Checkpoint Says) ReadCheckpoint(string file) =>
        SignedNote.TryParse($"{File.ReadAllText(file).TrimEnd('\n')}\n", out var note) && Checkpoint.TryParse(note.Text, out var says)
            ? (note, says)
            : throw new CommandFailedException(ExitCode.Usage, $"'{file}' is no signed checkpoint.");

    /// <summary>Makes sure that a checkpoint says anything about this log at all, before the log is judged by it.</summary>
    /// <param name="note">The checkpoint.</param>
    /// <param name="says">What it says.</param>
    /// <param name="what">What people know it by.</param>
    /// <param name="keys">Those of this log.</param>
    /// <exception cref="CommandFailedException">It is another log's, or no key of this log has signed it as it stands.</exception>
    public void CheckIsOfThisLog(SignedNote note, Checkpoint says, string what, IReadOnlyCollection<NoteKey> keys)
    {
        if (says.Origin != Settings.Origin)
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"{what} is a checkpoint of {says.Origin}, and this log is {Settings.Origin}.");
        }

        if (!note.IsSignedBy(keys))
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                $"No key of this log has signed {what} as it stands. Either it was changed since, or the log's keys were: compare "
                + "'audit key list' with the key that was kept beside it.");
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
