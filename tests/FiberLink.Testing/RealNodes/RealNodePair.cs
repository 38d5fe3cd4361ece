using System.Text;
using System.Text.Json.Nodes;

namespace FiberLink.Testing.RealNodes;

/// <summary>
/// Two real Fiber nodes (the published wasm build) on loopback, with a channel of 500 CKB from A to B. A plays the tipper,
/// B the hub. Starting takes some ten seconds and 2 GB of memory, so tests share a pair.
/// </summary>
public sealed class RealNodePair : IAsyncDisposable
{
    // A restart on a busy machine has taken more than a minute.
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(5);

    private readonly RealNodeProcess _process;
    private readonly RealNodeEndpoints _endpoints;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = CallMax };

    private RealNodePair(RealNodeProcess process, RealNodeEndpoints endpoints)
    {
        _process = process;
        _endpoints = endpoints;
    }

    /// <summary>JSON-RPC of the node that pays.</summary>
    public Uri NodeA => _endpoints.A;

    /// <summary>JSON-RPC of the node that is paid.</summary>
    public Uri NodeB => _endpoints.B;

    /// <summary>A's public key, 66 hexadecimal digits without 0x.</summary>
    public string PubkeyOfA => _endpoints.PubkeyOfA;

    /// <summary>B's public key, 66 hexadecimal digits without 0x.</summary>
    public string PubkeyOfB => _endpoints.PubkeyOfB;

    /// <summary>What the nodes said last: for the message of a test that fails.</summary>
    public string Log => _process.Log;

    /// <summary>Starts both nodes, connects them and opens the channel.</summary>
    /// <exception cref="RealNodeException">
    /// Something is not installed (the message names the command that does), or the nodes did not get ready.
    /// </exception>
    public static async Task<RealNodePair> StartAsync(CancellationToken ct)
    {
        var process = RealNodeProcess.Start(RealNodeProgram.Find());
        try
        {
            return new RealNodePair(process, await process.ReadyAsync(ct));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a method of a node.</summary>
    /// <param name="node"><see cref="NodeA"/> or <see cref="NodeB"/>.</param>
    /// <param name="method">As the node calls it, <c>new_invoice</c> for example.</param>
    /// <param name="parameters">The one object that the method takes; empty for a method that takes none.</param>
    /// <param name="ct">Stops the wait, not the call.</param>
    /// <returns>The whole answer as the node wrote it, with its <c>result</c> or its <c>error</c>.</returns>
    /// <exception cref="HttpRequestException">The node is down.</exception>
    public async Task<string> CallAsync(Uri node, string method, JsonNode parameters, CancellationToken ct = default)
    {
        var request = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = method,
            ["params"] = new JsonArray(parameters.DeepClone()),
        };
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(node, content, ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    /// <summary>Pays an invoice from A, and waits until A holds the proof of payment.</summary>
    /// <exception cref="RealNodeException">A refused to pay, or the payment failed.</exception>
    public async Task PayFromAAsync(string invoice, CancellationToken ct = default)
    {
        var payment = await ResultAsync("send_payment", new JsonObject { ["invoice"] = invoice }, ct);
        var query = new JsonObject { ["payment_hash"] = (string?)payment["payment_hash"] };
        await Eventually.HoldsAsync(
            "A's payment succeeds",
            async () =>
            {
                payment = await ResultAsync("get_payment", query, ct);
                return (string?)payment["status"] switch
                {
                    "Success" => true,
                    "Failed" => throw new RealNodeException($"A's payment failed: {payment["failed_error"]}\n{Log}"),
                    _ => false,
                };
            },
            ct);
    }

    /// <summary>Cuts the connection between the nodes; done when both have noticed.</summary>
    /// <exception cref="RealNodeException">They did not notice.</exception>
    public Task DisconnectAsync(CancellationToken ct = default) => ControlAsync("disconnect", ct);

    /// <summary>Connects the nodes again; done when A can pay B.</summary>
    /// <exception cref="RealNodeException">They did not connect.</exception>
    public Task ConnectAsync(CancellationToken ct = default) => ControlAsync("connect", ct);

    /// <summary>
    /// Restarts B with its database, at the same address. The nodes are then not connected: see <see cref="ConnectAsync"/>.
    /// </summary>
    /// <exception cref="RealNodeException">It did not come back.</exception>
    public Task RestartBAsync(CancellationToken ct = default) => ControlAsync("restart-b", ct);

    /// <summary>Stops both nodes and everything that was started for them.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<JsonNode> ResultAsync(string method, JsonObject parameters, CancellationToken ct)
    {
        var answer = await CallAsync(NodeA, method, parameters, ct);
        return JsonNode.Parse(answer)?["result"] ?? throw new RealNodeException($"A answered {method} with {answer}\n{Log}");
    }

    private async Task ControlAsync(string wish, CancellationToken ct)
    {
        using var response = await _http.PostAsync(new Uri(_endpoints.Control, wish), content: null, ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new RealNodeException($"The nodes did not {wish}: {await response.Content.ReadAsStringAsync(ct)}\n{Log}");
        }
    }
}
