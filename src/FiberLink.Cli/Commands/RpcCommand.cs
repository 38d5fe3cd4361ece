using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service.Authentication;

namespace FiberLink.Cli.Commands;

/// <summary><c>rpc</c>: signs a call as a community's back end does, sends it, and prints the answer.</summary>
internal static class RpcCommand
{
    private static readonly TimeSpan CallTimeMax = TimeSpan.FromSeconds(60);

    public static Command Build(SharedOptions shared)
    {
        var method = new Argument<string>("method") { Description = "Such as tip.create, tip.status, dashboard.summary." };
        var parameters = new Argument<string>("params") { Description = "A JSON object.", DefaultValueFactory = _ => "{}" };
        var url = new Option<string?>("--url") { Description = "The service. [default: that of 'dev']" };
        var app = new Option<string?>("--app") { Description = "The community to sign as. [default: demo, of 'dev']" };
        var secret = new Option<string?>("--secret") { Description = "Its secret." };
        var command = new Command(
            "rpc",
            """
            Sign a call, send it and print the answer; exit code 1 when the answer is an error.

            Example: rpc tip.create '{"amount":"1","asset":"CKB","postId":"42","fromUserId":"7","toUserId":"9"}'
            """) { method, parameters, url, app, secret };
        command.SetAction((parsed, ct) =>
        {
            var dev = shared.HomeOf(parsed).Read();
            var target = new Target(
                HttpAddress.Parse(parsed.GetValue(url) ?? dev?.ServiceUrl ?? throw Missing("--url"), "the service"),
                parsed.GetValue(app) ?? dev?.AppId ?? throw Missing("--app"),
                parsed.GetValue(secret) ?? dev?.Secret ?? throw Missing("--secret"));
            return CallAsync(target, parsed.GetValue(method)!, parsed.GetValue(parameters)!, ct);
        });
        return command;
    }

    private static async Task<int> CallAsync(Target target, string method, string parameters, CancellationToken ct)
    {
        JsonNode? parsed;
        try
        {
            parsed = JsonNode.Parse(parameters);
        }
        catch (JsonException broken)
        {
            throw new CommandFailedException(ExitCode.Usage, $"The params are not JSON: {broken.Message}");
        }

        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = method,
            ["params"] = parsed,
        }.ToJsonString());
        using var http = new HttpClient { Timeout = CallTimeMax };
        using var request = SignedRequest.Create(target.Url, target.App, target.Secret, body, TimeProvider.System.GetUtcNow());
        using var response = await http.SendAsync(request, ct);
        var answer = Read(await response.Content.ReadAsStringAsync(ct))
            ?? throw new CommandFailedException(
                ExitCode.Unavailable, $"{target.Url} answered {(int)response.StatusCode} and no JSON object.");
        await Printer.JsonAsync(answer);
        return answer.ContainsKey("result") ? ExitCode.Done : ExitCode.Refused;
    }

    private static JsonObject? Read(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CommandFailedException Missing(string option) =>
        new(ExitCode.Usage, $"No 'fiberlink dev' runs here: name {option}, or start one, or point --home at its folder.");

    private sealed record Target(Uri Url, string App, string Secret);
}
