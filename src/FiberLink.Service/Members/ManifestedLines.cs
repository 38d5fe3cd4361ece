using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Service.Exports;

namespace FiberLink.Service.Members;

/// <summary>JSON Lines of several kinds, and a last one that says how many of each there are and what their bytes hash to.</summary>
internal sealed class ManifestedLines(Stream output) : IDisposable
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public async Task AddAsync(string kind, JsonObject line, CancellationToken ct)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        line.Insert(0, "kind", kind);
        var bytes = Bytes(line);
        _hash.AppendData(bytes);
        await output.WriteAsync(bytes, ct);
    }

    /// <summary>Writes the last line: what is said, the counts, and the SHA-256 of all bytes before it.</summary>
    public async Task<JsonObject> EndAsync(JsonObject said, CancellationToken ct)
    {
        said.Insert(0, "kind", "manifest");
        said["lines"] = new JsonObject(_counts.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value)));
        said["sha256"] = Convert.ToHexStringLower(_hash.GetHashAndReset());
        await output.WriteAsync(Bytes(said), ct);
        await output.FlushAsync(ct);
        return said;
    }

    public void Dispose() => _hash.Dispose();

    private static byte[] Bytes(JsonObject line) => Encoding.UTF8.GetBytes(ExportWriters.OnOneLine(line) + "\n");
}
