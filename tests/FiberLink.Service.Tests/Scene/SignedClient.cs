using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FiberLink.Service.Tests.Scene;

/// <summary>A request that may still be spoilt before it is sent.</summary>
/// <param name="Path">Where to.</param>
/// <param name="ContentType">Null sends none.</param>
/// <param name="Body">The bytes.</param>
/// <param name="Headers">As they are sent.</param>
#pragma warning disable CA1819 // The bytes are the request; nobody writes into them.
public sealed record SignedRequest(string Path, string? ContentType, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers)
#pragma warning restore CA1819
{
    public string this[string name] => Headers.Single(h => h.Name == name).Value;

    public SignedRequest With(string name, string value) => this with { Headers = [.. Without(name).Headers, (name, value)] };

    public SignedRequest Without(string name) => this with { Headers = [.. Headers.Where(h => h.Name != name)] };
}

/// <summary>Calls the service as a community does, with a hand on every byte.</summary>
public sealed class SignedClient(Uri service, string app, string secret, TimeProvider time)
{
    private static readonly HttpClient Http = new();

    public string App => app;

    /// <summary>A call that is signed as the published contract says.</summary>
    public Task<RpcReply> CallAsync(string method, object? parameters, CancellationToken ct) =>
        SendAsync(Sign(BodyOf(method, parameters)), ct);

    public static string BodyOf(string method, object? parameters) =>
        JsonSerializer.Serialize(new { jsonrpc = "2.0", id = "id-1", method, @params = parameters });

    public SignedRequest Sign(string body) => Sign(Encoding.UTF8.GetBytes(body));

    public SignedRequest Sign(byte[] body) => Sign(body, time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));

    public SignedRequest Sign(byte[] body, string timestamp) =>
        Sign(body, timestamp, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));

    public SignedRequest Sign(byte[] body, string timestamp, string nonce) =>
        new("/rpc", "application/json", body,
        [
            ("x-app-id", app), ("x-ts", timestamp), ("x-nonce", nonce), ("x-signature", Signature(secret, timestamp, nonce, body)),
        ]);

    /// <summary>Written out anew from the contract, so that the service's own is not checked against itself.</summary>
    public static string Signature(string secret, string timestamp, string nonce, byte[] body)
    {
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(secret));
        return Convert.ToHexStringLower(hmac.ComputeHash([.. Encoding.UTF8.GetBytes(timestamp + "." + nonce + "."), .. body]));
    }

    public async Task<RpcReply> SendAsync(SignedRequest request, CancellationToken ct)
    {
        // A path is sent as it is, also with two slashes.
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{service.GetLeftPart(UriPartial.Authority)}{request.Path}");
        using var content = new ByteArrayContent(request.Body);
        message.Content = content;
        content.Headers.ContentType = request.ContentType is null ? null : MediaTypeHeaderValue.Parse(request.ContentType);
        foreach (var (name, value) in request.Headers)
        {
            Assert.True(message.Headers.TryAddWithoutValidation(name, value), name);
        }

        using var response = await Http.SendAsync(message, ct);
        return new(
            response.StatusCode,
            response.Content.Headers.ContentType?.ToString(),
            await response.Content.ReadAsStringAsync(ct),
            response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Creates a tip, which must go well.</summary>
    /// <returns>The invoice.</returns>
    public async Task<string> TipAsync(TipWish wish, CancellationToken ct) =>
        (await CallAsync("tip.create", wish.Params, ct)).Result.GetProperty("invoice").GetString()!;

    /// <summary>The state of a tip that must be known.</summary>
    public async Task<string> StatusAsync(string invoice, CancellationToken ct) =>
        (await CallAsync("tip.status", new { invoice }, ct)).Result.GetProperty("state").GetString()!;

    public async Task<JsonElement> DashboardAsync(string userId, CancellationToken ct) =>
        (await CallAsync("dashboard.summary", new { userId }, ct)).Result;

    public async Task<string> BalanceAsync(string userId, CancellationToken ct) =>
        (await DashboardAsync(userId, ct)).GetProperty("balance").GetString()!;
}

/// <summary>A tip as somebody wishes it.</summary>
public sealed record TipWish(string From, string To)
{
    public string Amount { get; init; } = "1";

    public string Asset { get; init; } = "CKB";

    public string Post { get; init; } = "42";

    public string? Message { get; init; }

    public object Params => new { amount = Amount, asset = Asset, postId = Post, fromUserId = From, toUserId = To, message = Message };

    /// <summary>Between two members whom nobody else tips.</summary>
    public static TipWish New()
    {
        var pair = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        return new($"from-{pair}", $"to-{pair}");
    }
}
