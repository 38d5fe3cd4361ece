using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.EventStore;
using FiberLink.Service.Members;
using FiberLink.Service.Tests.Scene;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Members;

/// <summary>What an operator's command line does for a member, beside a service that runs.</summary>
internal sealed class MemberScene(RunningService service) : IAsyncDisposable
{
    private readonly ServiceProvider _tools =
        ServiceHost.BuildTools(service.Settings, services => services.AddSingleton<TimeProvider>(service.Clock));

    public IServiceProvider Tools => _tools;

    public MemberErasure Erasure => _tools.GetRequiredService<MemberErasure>();

    public IEventStore Store => _tools.GetRequiredService<IEventStore>();

    public Task<ErasureAnswer> EraseAsync(string member) => Erasure.EraseAsync(RunningService.App, member, "olga", "ticket 77", Ct);

    /// <summary>The lines that are given out, each checked to be JSON.</summary>
    public async Task<IReadOnlyList<JsonNode>> ExportAsync(string member)
    {
        using var output = new MemoryStream();
        await _tools.GetRequiredService<MemberExport>().WriteAsync(RunningService.App, member, output, Ct);
        Bytes = output.ToArray();
        return [.. Encoding.UTF8.GetString(Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
    }

    /// <summary>The last export, byte for byte.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>The messages that a member's dashboard shows, by who is on the other side.</summary>
    public static async Task<IReadOnlyDictionary<string, string?>> MessagesAsync(SignedClient client, string member) =>
        (await client.DashboardAsync(member, Ct)).GetProperty("tips").EnumerateArray().ToDictionary(
            t => t.GetProperty("counterpartyUserId").GetString()!,
            t => t.GetProperty("message") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null);

    public ValueTask DisposeAsync() => _tools.DisposeAsync();
}
