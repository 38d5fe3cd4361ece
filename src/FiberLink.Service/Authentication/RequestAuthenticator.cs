using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Service.Authentication;

/// <summary>
/// Says who signed a request: HMAC-SHA256 over timestamp, nonce and the body's bytes as they were received, keyed with a secret
/// of the community's own. Whatever is wrong, the answer is the same.
/// </summary>
internal sealed class RequestAuthenticator(CommunitySecrets secrets, NonceStore nonces, TimeProvider time)
{
    internal const string AppIdHeader = "x-app-id";
    internal const string TimestampHeader = "x-ts";
    internal const string NonceHeader = "x-nonce";
    internal const string SignatureHeader = "x-signature";

    private const int AppIdLengthMax = 128;
    private const int NonceLengthMax = 128;
    private const int TimestampLengthMax = 12;
    private const int SignatureLength = 64;

    /// <summary>How far a request's timestamp may be from our clock, either way.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// How long a nonce is kept beyond the last moment at which its request is fresh. A request that is stamped in the future
    /// stays fresh longer than one that is not, so the time is counted from the stamp.
    /// </summary>
    private static readonly TimeSpan NonceMargin = TimeSpan.FromSeconds(60);

    /// <param name="headers">The request's.</param>
    /// <param name="body">The body's bytes.</param>
    /// <param name="isRead">True when a replay after a crash of the database would change nothing.</param>
    /// <param name="ct">Stops the call.</param>
    /// <returns>The community's id; null for every failure there is.</returns>
    public async Task<string?> AuthenticateAsync(IHeaderDictionary headers, byte[] body, bool isRead, CancellationToken ct)
    {
        if (Header(headers, AppIdHeader, AppIdLengthMax) is not { } app
            || Header(headers, TimestampHeader, TimestampLengthMax) is not { } timestamp
            || Header(headers, NonceHeader, NonceLengthMax) is not { } nonce
            || Header(headers, SignatureHeader, SignatureLength) is not { Length: SignatureLength } signature)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (StampOf(timestamp) is not { } stamp || (now - stamp).Duration() > Window)
        {
            return null;
        }

        var signed = SignedBytes(timestamp, nonce, body);
        if (!await IsSignedAsync(app, signed, signature, now, ct))
        {
            return null;
        }

        // Only now: a forged request must not use up the nonce of a genuine one.
        return await nonces.TryUseAsync(app, nonce, stamp + Window + NonceMargin, durable: !isRead, ct) ? app : null;
    }

    /// <summary>The signature of a request, as the caller makes it.</summary>
    public static string Sign(byte[] secret, string timestamp, string nonce, byte[] body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, SignedBytes(timestamp, nonce, body)));

    private async Task<bool> IsSignedAsync(string app, byte[] signed, string signature, DateTimeOffset now, CancellationToken ct)
    {
        var known = await secrets.FindAsync(app, now, fresh: false, ct);
        if (known.Any(s => Matches(s, signed, signature)))
        {
            return true;
        }

        // The community may have rotated its secret a moment ago.
        var fresh = await secrets.FindAsync(app, now, fresh: true, ct);
        return !ReferenceEquals(fresh, known) && fresh.Any(s => Matches(s, signed, signature));
    }

    private static bool Matches(byte[] secret, byte[] signed, string signature) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(secret, signed))), Encoding.ASCII.GetBytes(signature));

    private static byte[] SignedBytes(string timestamp, string nonce, byte[] body) =>
        [.. Encoding.UTF8.GetBytes($"{timestamp}.{nonce}."), .. body];

    private static string? Header(IHeaderDictionary headers, string name, int lengthMax) =>
        headers[name] is [{ Length: > 0 } value] && value.Length <= lengthMax ? value : null;

    private static DateTimeOffset? StampOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
