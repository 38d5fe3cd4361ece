using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Service.Authentication;

/// <summary>A call as a community's back end makes it: the caller's half of <see cref="RequestAuthenticator"/>.</summary>
public static class SignedRequest
{
    private const int NonceBytes = 8;

    /// <param name="service">The service's address.</param>
    /// <param name="app">The community.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="body">A JSON-RPC request; these bytes are signed and sent.</param>
    /// <param name="now">The caller's clock.</param>
    /// <returns>A request to send once: its nonce counts once.</returns>
    public static HttpRequestMessage Create(Uri service, string app, string secret, byte[] body, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new(HttpMethod.Post, new Uri($"{service.ToString().TrimEnd('/')}/rpc"))
        {
            Content = content,
            Headers =
            {
                { RequestAuthenticator.AppIdHeader, app },
                { RequestAuthenticator.TimestampHeader, timestamp },
                { RequestAuthenticator.NonceHeader, nonce },
                { RequestAuthenticator.SignatureHeader, RequestAuthenticator.Sign(Encoding.UTF8.GetBytes(secret), timestamp, nonce, body) },
            },
        };
    }
}
