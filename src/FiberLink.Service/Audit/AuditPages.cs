using System.Globalization;
using System.Text;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;

namespace FiberLink.Service.Audit;

/// <summary>
/// What a log shows to everybody (c2sp.org/tlog-tiles): the newest checkpoint, the tree, and the entries, which are hashes. No text of an
/// event is shown.
/// </summary>
internal sealed class AuditPages(CheckpointBook book, SealedTree tree, SealKeys keys)
{
    private const string ForEver = "public, max-age=31536000, immutable";
    private const string ForAMoment = "public, max-age=2";

    public async Task CheckpointAsync(HttpContext http)
    {
        if (await book.ReadLastAsync(http.RequestAborted) is { } last)
        {
            await TextAsync(http, last.Note);
        }
        else
        {
            await NothingAsync(http, "No checkpoint has been signed yet.");
        }
    }

    public async Task TileAsync(HttpContext http, string path)
    {
        // Only what a signed checkpoint is made of: that never changes.
        if (!TileAddress.TryParse(path, out var address)
            || await book.ReadLastAsync(http.RequestAborted) is not { } last
            || !IsWithin(address, last.Head.Size)
            || await tree.ReadAsync(address, http.RequestAborted) is not { } bytes)
        {
            await NothingAsync(http, "There is no such tile.");
            return;
        }

        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers.CacheControl = ForEver;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    /// <summary>A line for each key: from which size on, and the key; behind it what the one before it signed about it.</summary>
    public async Task KeysAsync(HttpContext http)
    {
        var text = new StringBuilder();
        foreach (var key in await keys.ReadAsync(http.RequestAborted))
        {
            text.Append(CultureInfo.InvariantCulture, $"since {key.SinceSize} {key.Key}\n");
            if (key.Voucher is { } voucher)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{voucher}\n");
            }
        }

        await TextAsync(http, text.ToString());
    }

    private static bool IsWithin(TileAddress address, long size)
    {
        var hashes = Tiles.Hashes(address.Level ?? 0, size);
        return address.Index <= hashes / TileAddress.FullWidth && (address.Index * TileAddress.FullWidth) + address.Width <= hashes;
    }

    private static Task TextAsync(HttpContext http, string text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = ForAMoment;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    private static Task NothingAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync($"{why}\n", http.RequestAborted);
    }
}
