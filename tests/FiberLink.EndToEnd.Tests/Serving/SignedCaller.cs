using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Service.Authentication;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>A tip that somebody wishes to give.</summary>
internal sealed record Wish(string PostId, string From, string To, string Amount, string? Message = null)
{
    public JsonObject ToJson() => new()
    {
        ["amount"] = Amount,
        ["asset"] = "CKB",
        ["postId"] = PostId,
        ["fromUserId"] = From,
        ["toUserId"] = To,
        ["message"] = Message,
    };
}

/// <summary>A community's back end: signs its calls and sends them to one service node.</summary>
internal sealed class SignedCaller(HttpClient http, Uri service, string app, string secret)
{
    /// <summary>The whole answer.</summary>
    /// <exception cref="HttpRequestException">The connection was refused, or died before there was an answer.</exception>
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = "1",
            ["method"] = method,
            ["params"] = parameters,
        }.ToJsonString());
        using var request = SignedRequest.Create(service, app, secret, body, TimeProvider.System.GetUtcNow());
        using var response = await http.SendAsync(request, ct);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(ct))!.AsObject();
    }

    /// <summary>The invoice of a tip that the service must grant.</summary>
    public async Task<string> CreateTipAsync(Wish wish, CancellationToken ct)
    {
        var answer = await CallAsync("tip.create", wish.ToJson(), ct);
        return (string?)answer["result"]?["invoice"] ?? throw new InvalidOperationException($"No invoice: {answer.ToJsonString()}");
    }

    /// <summary>The id of a withdrawal that the service must grant, to an address or an invoice.</summary>
    public async Task<string> WithdrawAsync(string member, string amount, string destination, CancellationToken ct)
    {
        var isInvoice = destination.StartsWith("fib", StringComparison.Ordinal);
        var answer = await CallAsync(
            "withdrawal.request",
            new JsonObject
            {
                ["userId"] = member,
                ["amount"] = amount,
                ["asset"] = "CKB",
                ["destination"] = new JsonObject
                {
                    ["kind"] = isInvoice ? "PAYMENT_REQUEST" : "CKB_ADDRESS",
                    [isInvoice ? "paymentRequest" : "address"] = destination,
                },
            },
            ct);
        return (string?)answer["result"]?["id"] ?? throw new InvalidOperationException($"No withdrawal: {answer.ToJsonString()}");
    }

    public async Task<string> TipStateAsync(string invoice, CancellationToken ct)
    {
        var answer = await CallAsync("tip.status", new JsonObject { ["invoice"] = invoice }, ct);
        return (string?)answer["result"]?["state"] ?? throw new InvalidOperationException($"No state: {answer.ToJsonString()}");
    }
}
