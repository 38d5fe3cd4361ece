using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using FiberLink.Projections.AccountBalances;

namespace FiberLink.Service.Audit.Packs;

/// <summary>What came of checking a pack.</summary>
/// <param name="Manifest">What the pack says that it is; null when that can't be read or is signed by nobody who is trusted.</param>
/// <param name="Checkpoint">The log that its events are in; null as long as that isn't shown.</param>
/// <param name="Events">How many events there are.</param>
/// <param name="Entries">How many of them move money.</param>
/// <param name="Publications">How many roots of liabilities were computed again.</param>
/// <param name="Findings">What is wrong: the first of it.</param>
internal sealed record CheckedPack(
    PackManifest? Manifest, Checkpoint? Checkpoint, long Events, long Entries, int Publications, IReadOnlyList<string> Findings)
{
    /// <summary>How many findings are told.</summary>
    public const int FindingsMax = 100;

    /// <summary>What every account in it stands at after its last event; none of a pack that is not sound.</summary>
    public IReadOnlyList<AccountBalance> Balances { get; init; } = [];

    /// <summary>What one member's balance is made of; null when nobody asked for one, or the pack is not sound.</summary>
    public PackStatement? Statement { get; init; }

    public bool IsSound => Findings.Count == 0;
}

/// <summary>
/// Checks a pack with nothing but the pack and a key: signatures and hashes first, then everything that they are made of is computed
/// again from the events.
/// </summary>
/// <remarks>It holds a number for each account and each stream, and the asked member's postings; events pass one by one.</remarks>
internal sealed class PackCheck(PackSource pack, NoteKey trusted, EventCatalogue catalogue)
{
    private const int NoteLengthMax = 64 * 1024;

    private readonly List<string> _findings = [];

    /// <summary>Whose statement is made on the way; null for nobody's, or for that of whom the pack is about.</summary>
    public string? Member { get; init; }

    public async Task<CheckedPack> RunAsync(CancellationToken ct)
    {
        try
        {
            return await CheckAsync(ct);
        }
        catch (Exception broken) when (broken is FormatException or JsonException or InvalidOperationException or ArgumentException
            or OverflowException or InvalidDataException or FileNotFoundException or KeyNotFoundException or UnreadableEventException)
        {
            // Whatever a reader stumbles over, it means the same.
            _findings.Add($"The pack cannot be read: {broken.Message}");
            return new(null, null, 0, 0, 0, _findings);
        }
    }

    private async Task<CheckedPack> CheckAsync(CancellationToken ct)
    {
        if (ReadNote(PackText.Manifest) is not { } note || !PackManifest.TryParse(note.Text, out var manifest))
        {
            _findings.Add("There is no manifest, or it was changed.");
            return new(null, null, 0, 0, 0, _findings);
        }

        // Nothing else is read before it is known to be what was signed; but by whom stands in one of the files.
        if (!await HashesAsync(manifest, ct) || ReadNote(PackText.Checkpoint) is not { } signed
            || !Checkpoint.TryParse(signed.Text, out var checkpoint))
        {
            _findings.Add("Some of its files are not what the manifest says, so none is looked into.");
            return new(null, null, 0, 0, 0, _findings);
        }

        var chain = KeyChain.Follow(manifest.Origin, trusted, [.. pack.Lines(PackText.Keys).Select(PackText.ReadKey)]);
        if (chain is null || manifest.Origin != checkpoint.Origin || trusted.Name != checkpoint.Origin
            || !note.IsSignedBy(chain.For(checkpoint.Size)) || !signed.IsSignedBy(chain.For(checkpoint.Size)))
        {
            _findings.Add("Manifest and checkpoint are not both signed by the given key, or by one that it leads to.");
            return new(null, null, 0, 0, 0, _findings);
        }

        var statement = (Member ?? manifest.Member) is { } whose ? new PackStatement(whose) : null;
        var books = new PackBooks(pack, manifest, catalogue, statement, _findings);
        await books.RunAsync(checkpoint, ct);
        var result = new CheckedPack(
            manifest, checkpoint, books.Events, books.Entries, books.Publications, [.. _findings.Take(CheckedPack.FindingsMax)]);

        // What a pack gives that is not sound is worth nothing, and must not look as if it were.
        return result.IsSound ? result with { Balances = books.Balances, Statement = statement } : result;
    }

    private SignedNote? ReadNote(string name)
    {
        if (!pack.Names.Contains(name, StringComparer.Ordinal))
        {
            return null;
        }

        using var reader = new StreamReader(pack.Read(name), new UTF8Encoding(false, throwOnInvalidBytes: true));
        var text = new char[NoteLengthMax];
        var length = reader.ReadBlock(text);
        return SignedNote.TryParse(new string(text, 0, length), out var note) && note.ToString().Length == length ? note : null;
    }

    private async Task<bool> HashesAsync(PackManifest manifest, CancellationToken ct)
    {
        var before = _findings.Count;
        var files = manifest.Member is null ? PackText.Files : PackText.MemberFiles;
        if (!manifest.Files.Select(f => f.Name).SequenceEqual(files))
        {
            _findings.Add("The manifest does not name the files that a pack has.");
        }

        _findings.AddRange(pack.Names.Except([PackText.Manifest, .. files], StringComparer.Ordinal)
            .Select(n => $"{n}: the file is not one of a pack's."));
        foreach (var file in manifest.Files)
        {
            if (!pack.Names.Contains(file.Name, StringComparer.Ordinal))
            {
                _findings.Add($"{file.Name}: the file is missing.");
                continue;
            }

            await using var read = pack.Read(file.Name);
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(read, ct)) != file.Hash)
            {
                _findings.Add($"{file.Name}: the file was changed.");
            }
        }

        return _findings.Count == before;
    }
}
