using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests;

/// <summary>The published worked examples, kept as data.</summary>
public sealed class Requests_are_signed_as_published
{
    private const string App = "vectors";

    public static TheoryData<string> Names => [.. Vectors().Select(v => v.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_signature_is_the_published_one(string name)
    {
        var vector = Vector(name);
        var body = Encoding.UTF8.GetBytes(Text(vector, "body"));

        Assert.Equal(vector.GetProperty("bodyBytes").GetInt32(), body.Length);
        Assert.Equal(
            Text(vector, "xSignature"),
            Authentication.RequestAuthenticator.Sign(
                Encoding.UTF8.GetBytes(Text(vector, "secret")), Text(vector, "xTs"), Text(vector, "xNonce"), body));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_service_at_that_time_accepts_the_request(string name)
    {
        await using var service = await AtTheVectorsTimeAsync();
        var reply = await service.Client.SendAsync(Request(Vector(name)), Ct);

        Assert.Null(reply.ErrorCode);
        Assert.Equal(JsonValueKind.Object, reply.Result.ValueKind);
    }

    [Fact]
    public async Task The_message_with_escapes_arrives_as_it_was_meant()
    {
        await using var service = await AtTheVectorsTimeAsync();
        (await service.Client.SendAsync(Request(Vector("tip.create, UTF-8 and escapes")), Ct)).Result.GetProperty("invoice");
        await service.DashboardsAreCurrentAsync();

        var tip = (await service.ClientOf(App, Text(Vectors().First(), "secret")).DashboardAsync("7", Ct)).GetProperty("tips")[0];
        Assert.Equal("谢谢 <3 & more", tip.GetProperty("message").GetString());
    }

    [Fact]
    public async Task The_same_json_written_anew_is_refused()
    {
        await using var service = await AtTheVectorsTimeAsync();
        var request = Request(Vector("tip.create, UTF-8 and escapes"));
        var anew = Encoding.UTF8.GetBytes(JsonNode.Parse(request.Body)!.ToJsonString());
        Assert.NotEqual(request.Body, anew);

        (await service.Client.SendAsync(request with { Body = anew }, Ct)).AssertUnauthorized();
        (await service.Client.SendAsync(request with { Body = [.. request.Body, (byte)' '] }, Ct)).AssertUnauthorized();
    }

    private static async Task<RunningService> AtTheVectorsTimeAsync()
    {
        var clock = new TestClock();
        clock.StandAt(DateTimeOffset.FromUnixTimeSeconds(
            long.Parse(Text(Vectors().First(), "xTs"), CultureInfo.InvariantCulture)));
        var service = await RunningService.StartAsync(new Opening { Clock = clock });
        await service.RegisterAsync(App, Text(Vectors().First(), "secret"));
        return service;
    }

    private static SignedRequest Request(JsonElement vector) =>
        new("/rpc", "application/json", Encoding.UTF8.GetBytes(Text(vector, "body")),
        [
            ("x-app-id", App),
            ("x-ts", Text(vector, "xTs")),
            ("x-nonce", Text(vector, "xNonce")),
            ("x-signature", Text(vector, "xSignature")),
        ]);

    private static JsonElement Vector(string name) => Vectors().Single(v => v.GetProperty("name").GetString() == name);

    private static IEnumerable<JsonElement> Vectors() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "hmac.json"))).RootElement.EnumerateArray();

    private static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;
}
