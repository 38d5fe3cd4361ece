using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Sandbox.Chain;

namespace FiberLink.Sandbox.State;

/// <summary>What happened to the chain, in a file of JSON lines.</summary>
internal sealed class ChainJournal(string path) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly LineFile _file = new(path);

    /// <exception cref="JsonException">A line is nothing that happens to a chain; nothing was skipped silently.</exception>
    public IReadOnlyList<ChainLine> ReadAll() =>
    [
        .. _file.ReadAll().Select(l => JsonSerializer.Deserialize<ChainLine>(l, Json)
            ?? throw new JsonException("A line of the state file is null.")),
    ];

    public void Append(ChainLine line) => _file.Append(JsonSerializer.SerializeToUtf8Bytes(line, Json));

    public void Dispose() => _file.Dispose();
}
