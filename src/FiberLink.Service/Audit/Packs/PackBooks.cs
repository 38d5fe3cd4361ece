using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FiberLink.Crypto.Sealing;
using FiberLink.Events.Liabilities;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Exports;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Audit.Packs;

/// <summary>Computes again, from a pack's events, the log's root, the ledger, the balances and what was published of them.</summary>
internal sealed class PackBooks(
    PackSource pack, PackManifest manifest, EventCatalogue catalogue, PackStatement? statement, List<string> findings)
{
    private readonly BookSums _sums = new();
    private readonly LiabilityMarks _marks = new();
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly TreeOutline _tree = new();

    // Of one member's pack alone: streams in which nothing has named the member yet.
    private readonly HashSet<string> _unrelated = new(StringComparer.Ordinal);

    public long Events { get; private set; }

    public long Entries { get; private set; }

    public int Publications { get; private set; }

    /// <summary>What every account stands at by now; of one member's pack the member's alone, as the others have more events.</summary>
    public IReadOnlyList<AccountBalance> Balances =>
        [.. _sums.Of(manifest.App).Where(b => manifest.Member is null || b.Member == manifest.Member)];

    /// <param name="checkpoint">What the events have to lead to.</param>
    /// <param name="ct">Stops it.</param>
    public async Task RunAsync(Checkpoint checkpoint, CancellationToken ct)
    {
        if (manifest.Member is null)
        {
            Begin();
        }

        statement?.Open(Balances);
        await (manifest.Member is null ? CompareLedgerAsync(checkpoint.Size, ct) : PassAsync(checkpoint.Size, ct));
        statement?.Close(Balances);
        if (_tree.Size != checkpoint.Size || _tree.Root != checkpoint.Root)
        {
            findings.Add($"{PackText.Events}: the events do not lead to the root that was signed.");
        }

        _marks.Reach(long.MaxValue, _sums);
        findings.AddRange(_marks.TakeFindings().Select(f => $"{PackText.Liabilities}: {f.Text}"));
        findings.AddRange(_marks.Unmet.Select(at => Invariant($"{PackText.Liabilities}: there is no publication at position {at}.")));
        findings.AddRange(_unrelated.Order(StringComparer.Ordinal)
            .Select(s => $"{PackText.Events}: nothing in {s} says that it is about {manifest.Member}."));
        var closing = PackText.Ordered(
            Balances.Select(b => new PackBalance(b.Account.ToString(), b.Member ?? "", b.Asset.Code, b.Units)));
        if (!closing.SequenceEqual(pack.Lines(PackText.Closing).Select(PackText.ReadBalance)))
        {
            findings.Add($"{PackText.Closing}: the balances are not the sums of the postings.");
        }
    }

    private void Begin()
    {
        (LiabilityPublication Publication, Crypto.Bytes32? Salt)[] published =
            [.. pack.Lines(PackText.Liabilities).Select(l => PackText.ReadPublication(manifest.App, l))];
        Publications = published.Length;
        _marks.Begin(
            [.. published.Select(p => p.Publication)],
            published.Where(p => p.Salt is not null).ToDictionary(p => p.Publication.Body.PublicationId, p => p.Salt!.Value));
        foreach (var balance in pack.Lines(PackText.Opening).Select(PackText.ReadBalance))
        {
            _sums.Add(
                manifest.App,
                new(
                    Enum.Parse<Account>(balance.Account),
                    balance.Member.Length == 0 ? null : balance.Member,
                    new(balance.Asset),
                    balance.Units));
        }
    }

    private async Task PassAsync(long size, CancellationToken ct)
    {
        await foreach (var _ in RowsAsync(size, manifest.Settings(), ct))
        {
            // A member's pack has no ledger to compare them with.
        }
    }

    // The ledger is written again from the events, and the bytes compared by their hash: it needs no memory.
    private async Task CompareLedgerAsync(long size, CancellationToken ct)
    {
        using var sha = SHA256.Create();
        await using (var hashing = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            await using var writer = new StreamWriter(hashing, new UTF8Encoding(false));
            await ExportWriters.CsvAsync(
                new TableRows(ExportSources.LedgerColumns, RowsAsync(size, manifest.Settings(), ct)), writer, ct);
        }

        if (Convert.ToHexStringLower(sha.Hash!) != manifest.Files.Single(f => f.Name == PackText.Ledger).Hash)
        {
            findings.Add($"{PackText.Ledger}: the rows are not the postings of the events.");
        }
    }

    private async IAsyncEnumerable<object?[]> RowsAsync(long size, AssetSettings assets, [EnumeratorCancellation] CancellationToken ct)
    {
        using var others = pack.Lines(PackText.Others).GetEnumerator();
        foreach (var line in pack.Lines(PackText.Events))
        {
            ct.ThrowIfCancellationRequested();
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var position = long.Parse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture);
            if (position <= Math.Max(manifest.From, _tree.Size) || position > manifest.To)
            {
                throw new FormatException(Invariant($"Position {position} is out of order, or not of those that the pack is of."));
            }

            Pass(others, position - 1);
            var form = Encoding.UTF8.GetBytes(line[(space + 1)..]);
            _tree.TryAdd(0, MerkleHash.Leaf(SHA256.HashData(form)));
            foreach (var entry in See(position, form))
            {
                yield return ExportSources.LedgerRow(entry, assets);
            }
        }

        Pass(others, size);
        if (others.MoveNext())
        {
            findings.Add($"{PackText.Others}: there is more than the tree has.");
        }

        await Task.CompletedTask;
    }

    private void Pass(IEnumerator<string> others, long to)
    {
        while (_tree.Size < to && others.MoveNext())
        {
            if (others.Current.Split(' ') is not [var level, var hash] || !Checkpoint.TryParseHash(hash, out var read)
                || !_tree.TryAdd(int.Parse(level, NumberStyles.None, CultureInfo.InvariantCulture), read))
            {
                throw new FormatException(Invariant($"What is at position {_tree.Size + 1} of the tree is no part of it."));
            }
        }

        if (_tree.Size != to)
        {
            throw new FormatException(Invariant($"The tree goes up to position {_tree.Size} and not to {to}."));
        }
    }

    private List<LedgerEntry> See(long position, byte[] form)
    {
        using var json = JsonDocument.Parse(form);
        var (root, stream) = (json.RootElement, json.RootElement.GetProperty("stream").GetString()!);
        if (root.GetProperty("leaf").GetInt32() != 1 || root.GetProperty("tenant").GetString() != manifest.App)
        {
            findings.Add(Invariant($"Position {position}: the event is not one of {manifest.App}."));
        }

        Follow(position, stream, root.GetProperty("version").GetInt64());
        var name = root.GetProperty("type").GetString()!;
        var @event = new RecordedEvent(
            position,
            new(manifest.App, stream),
            root.GetProperty("version").GetInt64(),
            root.GetProperty("id").GetGuid(),
            name,
            catalogue.Read(name, root.GetProperty("data").GetRawText(), position),
            root.GetProperty("at").GetDateTimeOffset(),
            EventMetadata.None);
        Events++;
        _marks.Reach(position - 1, _sums);
        if (manifest.Member is null && @event.Body is LiabilitiesEvent.Published published && published.Position >= manifest.From)
        {
            _marks.Meet(@event.Stream, position, published);
        }

        // An entry that does not sum to zero can't be read.
        var entries = LedgerEntry.Of(@event).ToList();
        Entries += entries.Count > 0 ? 1 : 0;
        entries = entries.ConvertAll(
            e => e with { Balance = _sums.Add(manifest.App, new(e.Account, e.Member, e.Asset, e.Units)) });
        statement?.See(@event, entries);
        Relate(@event);
        return entries;
    }

    private void Relate(RecordedEvent @event)
    {
        if (manifest.Member is not { } member)
        {
            return;
        }

        if (PackStatement.IsAbout(@event.Body, member))
        {
            _unrelated.Remove(@event.Stream.Key);
        }
        else if (@event.Version == 1)
        {
            _unrelated.Add(@event.Stream.Key);
        }
    }

    private void Follow(long position, string stream, long version)
    {
        var isKnown = _versions.TryGetValue(stream, out var last);
        if (isKnown ? version != last + 1 : version != 1 && manifest.From == 0)
        {
            findings.Add(Invariant($"Position {position}: version {version} of {stream} follows on version {last}."));
        }

        _versions[stream] = version;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
