using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Crypto;

namespace FiberLink.EventStore.Sealing;

/// <summary>
/// What a signer has signed last, in a file beside its key: so a database whose end was cut off, checkpoints and all, is not signed again.
/// </summary>
/// <remarks>For one process at a time; of several with one file the last one writes, and each looks before it signs.</remarks>
public sealed class SignerMemory(string path)
{
    /// <summary>What was signed last; null when nothing is known of.</summary>
    /// <exception cref="LogNotWholeException">The file is there and cannot be read: then nothing is signed.</exception>
    public TreeHead? ReadLast()
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), MemoryJson.Default.Remembered) is { } last
                ? new(last.Size, Bytes32.Parse(last.Root))
                : null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new LogNotWholeException(null, $"What was signed last cannot be read from '{path}': {broken.Message}");
        }
    }

    /// <summary>Writes it down, whole or not at all.</summary>
    public void Remember(TreeHead head)
    {
        if (ReadLast() is { } last && last.Size > head.Size)
        {
            return;
        }

        var next = $"{path}.next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, new(head.Size, head.Root.ToHex()), MemoryJson.Default.Remembered);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}

internal sealed record Remembered(long Size, string Root);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Remembered))]
internal sealed partial class MemoryJson : JsonSerializerContext;
