using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FiberLink.Service.Rpc;

/// <summary>Writes answers as the contract has them. Every JSON-RPC error is HTTP 200, or the forum shows no text for it.</summary>
internal static class RpcResponse
{
    private const string ContentType = "application/json; charset=utf-8";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext http, JsonElement? id, RpcResult result, int status = StatusCodes.Status200OK) =>
        SendAsync(http, status, writer =>
        {
            writer.WriteString("jsonrpc", "2.0");
            writer.WritePropertyName("id");
            if (id is { } known)
            {
                writer.WriteRawValue(known.GetRawText(), skipInputValidation: true);
            }
            else
            {
                writer.WriteNullValue();
            }

            Write(writer, result);
        });

    /// <summary>What is wrong before there is any JSON-RPC, in the words of the published service's HTTP server.</summary>
    public static Task WriteHttpErrorAsync(HttpContext http, int status, string error, string message) =>
        SendAsync(http, status, writer =>
        {
            writer.WriteNumber("statusCode", status);
            writer.WriteString("error", error);
            writer.WriteString("message", message);
        });

    private static void Write(Utf8JsonWriter writer, RpcResult result)
    {
        if (result is RpcResult.Ok ok)
        {
            writer.WritePropertyName("result");
            ok.Write(writer);
            return;
        }

        var error = (RpcResult.Error)result;
        writer.WriteStartObject("error");
        writer.WriteNumber("code", (int)error.Code);
        writer.WriteString("message", error.Message);
        if (error.Issues is { } issues)
        {
            writer.WriteStartArray("data");
            foreach (var issue in issues)
            {
                writer.WriteStartObject();
                writer.WriteString("code", issue.Code);
                writer.WriteString("message", issue.Message);
                writer.WriteStartArray("path");
                foreach (var step in issue.Path)
                {
                    writer.WriteStringValue(step);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static async Task SendAsync(HttpContext http, int status, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }
}
