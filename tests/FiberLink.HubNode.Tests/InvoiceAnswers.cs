using System.Text.Json;
using System.Text.Json.Nodes;

namespace FiberLink.HubNode.Tests;

/// <summary>Answers of a real node, made to fit a call.</summary>
internal static class InvoiceAnswers
{
    private static readonly JsonElement Good = Vector.Recorded("get_invoice").First(call => call.Answer.Find("result") is not null).Answer;

    /// <summary>The answer to <c>get_invoice</c> with the call's id and payment hash.</summary>
    public static string To(JsonElement call)
    {
        var answer = JsonNode.Parse(Good.GetRawText())!;
        answer["id"] = call.GetProperty("id").GetInt64();
        answer["result"]!["invoice"]!["data"]!["payment_hash"] = call.GetProperty("params")[0].GetProperty("payment_hash").GetString();
        return answer.ToJsonString();
    }

    public static string To(string call) => To(JsonSerializer.Deserialize<JsonElement>(call));

    /// <summary>A payment hash that differs from all others of this number.</summary>
    public static PaymentHash Hash(int number)
    {
        var bytes = new byte[32];
        bytes[0] = (byte)number;
        return PaymentHash.FromBytes(bytes);
    }

    /// <summary>The answer to <c>node_info</c>, with changes to its result.</summary>
    public static string Info(long id, Action<JsonObject>? change = null)
    {
        var answer = JsonNode.Parse(Vector.Recorded("node_info").First().Answer.GetRawText())!;
        answer["id"] = id;
        change?.Invoke(answer["result"]!.AsObject());
        return answer.ToJsonString();
    }

    public static string Error(long id, int code, string message) =>
        new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["error"] = new JsonObject { ["code"] = code, ["message"] = message } }
            .ToJsonString();

    public static long Id(string call) => JsonSerializer.Deserialize<JsonElement>(call).GetProperty("id").GetInt64();

    public static string Method(string call) => JsonSerializer.Deserialize<JsonElement>(call).GetProperty("method").GetString()!;
}
