using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Audit.Packs;

/// <summary>Writes an evidence pack: all that an auditor needs to check a community's books without this database.</summary>
internal sealed class PackWriter(
    NpgsqlDataSource database, LedgerBooks books, ExportSources exports, AssetSettings assets, SealKeys keys, TimeProvider time)
{
    /// <summary>Writes it, whole or not at all. However many events there are, few are in memory.</summary>
    /// <param name="window">Whose events, and which.</param>
    /// <param name="checkpoint">A checkpoint that has the last of them.</param>
    /// <param name="signer">Signs the manifest: the key of the checkpoint.</param>
    /// <param name="path">A folder or a file ending in <c>.zip</c> that isn't there yet.</param>
    /// <param name="ct">Stops it; then nothing is left.</param>
    /// <exception cref="LogNotWholeException">The log is not what was sealed.</exception>
    /// <exception cref="LedgerIsBehindException">The books show too little of the log.</exception>
    public Task<PackManifest> WriteAsync(
        ExportWindow window, SignedCheckpoint checkpoint, NoteSigner signer, string path, CancellationToken ct) =>
        WholeAsync(path, async folder =>
        {
            var (app, from, to) = (window.Tenant, window.From.Position, window.To.Position);
            await LinesAsync(folder, PackText.Opening, await BalancesAsync(app, null, from, ct), ct);
            await LinesAsync(folder, PackText.Closing, await BalancesAsync(app, null, to, ct), ct);
            await LinesAsync(folder, PackText.Liabilities, await LiabilitiesAsync(app, from, to, ct), ct);
            await EventsAsync(folder, new SealedExtract(database).ReadAsync(app, from, to, checkpoint.Head.Size, ct), ct);
            await using (var ledger = Writer(folder, PackText.Ledger))
            {
                await ExportWriters.CsvAsync(exports.Of(ExportKind.Ledger, window, ct), ledger, ct);
            }

            return await ManifestAsync(folder, (app, null, from, to), PackText.Files, checkpoint, signer, ct);
        });

    /// <summary>Writes a pack of what is about one member alone, whole or not at all.</summary>
    /// <param name="whose">The community, and the member of it.</param>
    /// <param name="positions">Where the events are that are about the member, rising.</param>
    /// <param name="to">Up to which position of the log these are all.</param>
    /// <param name="checkpoint">A checkpoint that has the last of them.</param>
    /// <param name="signer">Signs the manifest: the key of the checkpoint.</param>
    /// <param name="path">A folder or a file ending in <c>.zip</c> that isn't there yet.</param>
    /// <param name="ct">Stops it; then nothing is left.</param>
    /// <exception cref="LogNotWholeException">The log is not what was sealed.</exception>
    /// <exception cref="LedgerIsBehindException">The books show too little of the log.</exception>
    public Task<PackManifest> WriteMemberAsync(
        (string App, string Member) whose,
        IReadOnlyList<long> positions,
        long to,
        SignedCheckpoint checkpoint,
        NoteSigner signer,
        string path,
        CancellationToken ct) =>
        WholeAsync(path, async folder =>
        {
            await LinesAsync(folder, PackText.Closing, await BalancesAsync(whose.App, whose.Member, to, ct), ct);
            await EventsAsync(folder, new SealedExtract(database).ReadAsync(positions, checkpoint.Head.Size, ct), ct);
            return await ManifestAsync(folder, (whose.App, whose.Member, 0, to), PackText.MemberFiles, checkpoint, signer, ct);
        });

    private static async Task<PackManifest> WholeAsync(string path, Func<string, Task<PackManifest>> write)
    {
        var folder = $"{path}.part";
        Directory.CreateDirectory(folder);
        try
        {
            var manifest = await write(folder);
            if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            {
                ZipFile.CreateFromDirectory(folder, path, CompressionLevel.Optimal, includeBaseDirectory: false);
                Directory.Delete(folder, recursive: true);
            }
            else
            {
                Directory.Move(folder, path);
            }

            return manifest;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    // The last step, over all files that are there by then.
    private async Task<PackManifest> ManifestAsync(
        string folder,
        (string App, string? Member, long From, long To) what,
        IReadOnlyList<string> names,
        SignedCheckpoint checkpoint,
        NoteSigner signer,
        CancellationToken ct)
    {
        await LinesAsync(folder, PackText.Keys, (await keys.ReadAsync(ct)).Select(PackText.Line), ct);
        await File.WriteAllTextAsync(Path.Combine(folder, PackText.Checkpoint), checkpoint.Note, ct);
        var files = new List<PackFile>();
        foreach (var name in names)
        {
            await using var written = File.OpenRead(Path.Combine(folder, name));
            files.Add(new(name, written.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(written, ct))));
        }

        var manifest = new PackManifest(
            signer.Key.Name,
            what.App,
            what.Member,
            what.From,
            what.To,
            time.GetUtcNow(),
            [.. assets.All.Select(a => (a.Asset.Code, a.Decimals))],
            files);
        var text = manifest.ToText();
        await File.WriteAllTextAsync(
            Path.Combine(folder, PackText.Manifest), new SignedNote(text, [signer.Sign(text)]).ToString(), ct);
        return manifest;
    }

    private static async Task EventsAsync(string folder, IAsyncEnumerable<ExtractStep> steps, CancellationToken ct)
    {
        await using var events = Writer(folder, PackText.Events);
        await using var others = Writer(folder, PackText.Others);
        await foreach (var step in steps)
        {
            await (step switch
            {
                ExtractStep.Event e => events.WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{e.Position} {Encoding.UTF8.GetString(e.Form.Span)}\n").AsMemory(), ct),
                ExtractStep.Others o => others.WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{o.Level} {Checkpoint.ToText(o.Hash)}\n").AsMemory(), ct),
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }
    }

    private async Task<IEnumerable<string>> BalancesAsync(string app, string? member, long position, CancellationToken ct) =>
        position == 0
            ? []
            : PackText.Ordered((await books.BalancesAsync(app, member, position, ct))
                .Select(b => new PackBalance(b.Account.ToString(), b.Member ?? "", b.Asset.Code, b.Units))).Select(PackText.Line);

    // Of those that tell of balances before the first event, nothing can be computed again.
    private async Task<IEnumerable<string>> LiabilitiesAsync(string app, long from, long to, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        LiabilityPublication[] all =
            [.. (await LiabilityPublication.ReadAsync(work, app, ct)).Where(p => p.At <= to && p.Body.Position >= from)];
        var salts = await LogSalts.ReadAsync(work, [.. all.Select(p => p.Body.PublicationId)], ct);
        return all.Select(p => PackText.Line(p, salts.TryGetValue(p.Body.PublicationId, out var salt) ? salt : null));
    }

    private static async Task LinesAsync(string folder, string name, IEnumerable<string> lines, CancellationToken ct)
    {
        await using var writer = Writer(folder, name);
        foreach (var line in lines)
        {
            await writer.WriteAsync($"{line}\n".AsMemory(), ct);
        }
    }

    private static StreamWriter Writer(string folder, string name) =>
        new(new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write), new UTF8Encoding(false));
}
