using System.Globalization;
using System.Text;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;

namespace FiberLink.Service.Audit;

/// <summary>
/// What a log shows to everybody (c2sp.org/tlog-tiles): the newest checkpoint, the tree, and the entries, which are hashes. No text of an
/// event is shown.
/// </summary>
internal sealed class AuditPages(CheckpointBook book, SealedTree tree, SealKeys keys, LiabilityRoots roots)
{
    private const string ForEver = "public, max-age=31536000, immutable";
    private const string ForAMoment = "public, max-age=2";

    // They are published once a day or so, and a line that was there stays.
    private const string ForAMinute = "public, max-age=60";

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

    /// <summary>
    /// A line for each root of liabilities that is in the newest checkpoint: where it is in the log, of which position the balances are,
    /// and the hashes of what it is about and of the tree.
    /// </summary>
    public async Task LiabilitiesAsync(HttpContext http, string? after)
    {
        if (!long.TryParse(after ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await SayAsync(http, "after is a position of the log.");
        }
        else if (await roots.PageAsync(from, http.RequestAborted) is { } page)
        {
            await TextAsync(http, page, ForAMinute);
        }
        else
        {
            await NothingAsync(http, "No checkpoint has been signed yet.");
        }
    }

    private static bool IsWithin(TileAddress address, long size)
    {
        var hashes = Tiles.Hashes(address.Level ?? 0, size);
        return address.Index <= hashes / TileAddress.FullWidth && (address.Index * TileAddress.FullWidth) + address.Width <= hashes;
    }

    private static Task TextAsync(HttpContext http, string text, string keep = ForAMoment)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = keep;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    private static Task NothingAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return SayAsync(http, why);
    }

    private static Task SayAsync(HttpContext http, string why)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync($"{why}\n", http.RequestAborted);
    }
}
