using System.Net.Http.Headers;

namespace FiberLink.Service.Rpc;

/// <summary>A request's body, byte for byte as it was sent: the signature is over these bytes.</summary>
internal abstract record RequestBody
{
    private RequestBody()
    {
    }

    public sealed record Bytes(byte[] Value) : RequestBody;

    public sealed record TooLarge : RequestBody;

    /// <summary>The content type is not JSON.</summary>
    public sealed record Foreign : RequestBody;

    public static async Task<RequestBody> ReadAsync(HttpRequest request, int bytesMax, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase))
        {
            return new Foreign();
        }

        if (request.ContentLength > bytesMax)
        {
            return new TooLarge();
        }

        using var buffer = new MemoryStream(capacity: (int)(request.ContentLength ?? 0));
        var chunk = new byte[8192];
        try
        {
            while (await request.Body.ReadAsync(chunk, ct) is > 0 and var read)
            {
                if (buffer.Length + read > bytesMax)
                {
                    return new TooLarge();
                }

                buffer.Write(chunk, 0, read);
            }
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode is StatusCodes.Status413PayloadTooLarge)
        {
            // The server's own limit. It lies a byte higher, but a body that comes in pieces may step over both at once.
            return new TooLarge();
        }

        return new Bytes(buffer.ToArray());
    }
}
