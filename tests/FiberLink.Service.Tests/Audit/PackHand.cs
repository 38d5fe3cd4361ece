using System.Security.Cryptography;
using System.Text;
using FiberLink.Crypto.Sealing;
using FiberLink.Projections;
using FiberLink.Service.Audit.Packs;

namespace FiberLink.Service.Tests.Audit;

/// <summary>What an auditor does with a pack, and what somebody does who has the key and lies.</summary>
internal static class PackHand
{
    public static async Task<CheckedPack> CheckAsync(string path, NoteKey key, string? member = null)
    {
        using var pack = PackSource.Open(path);
        return await new PackCheck(pack, key, StoredEvents.Catalogue) { Member = member }.RunAsync(Ct);
    }

    /// <summary>Makes the manifest say what the files are by now, and signs it.</summary>
    public static async Task SignAgainAsync(string path, NoteSigner signer)
    {
        var file = Path.Combine(path, PackText.Manifest);
        Assert.True(SignedNote.TryParse(await File.ReadAllTextAsync(file, Ct), out var note));
        Assert.True(PackManifest.TryParse(note.Text, out var manifest));
        var files = manifest.Files.Select(f => File.ReadAllBytes(Path.Combine(path, f.Name)) is var bytes
            ? new PackFile(f.Name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)))
            : f);
        var text = (manifest with { Files = [.. files] }).ToText();
        await File.WriteAllTextAsync(file, new SignedNote(text, [signer.Sign(text)]).ToString(), new UTF8Encoding(false), Ct);
    }
}
