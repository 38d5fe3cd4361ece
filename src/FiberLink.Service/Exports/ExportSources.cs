using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Projections.TipActivity;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Exports;

/// <summary>What is exported.</summary>
internal enum ExportKind
{
    /// <summary>Every posting.</summary>
    Ledger = 1,

    /// <summary>Tips, as they stand.</summary>
    Tips = 2,

    /// <summary>Withdrawals, as they stand.</summary>
    Withdrawals = 3,

    /// <summary>The log itself.</summary>
    Events = 4,
}

/// <summary>Which part.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="From">What comes after this point of the log.</param>
/// <param name="To">And at or before this one.</param>
internal sealed record ExportWindow(string Tenant, LedgerPoint From, LedgerPoint To);

/// <summary>The tables that leave the house, row by row.</summary>
internal sealed class ExportSources(
    LedgerBooks books, IEventStore store, EventCatalogue catalogue, TipTable tips, WithdrawalTable withdrawals, AssetSettings assets)
{
    private const int PageMax = 1_000;

    /// <summary>The columns of <see cref="LedgerRow"/>.</summary>
    public static IReadOnlyList<string> LedgerColumns { get; } =
    [
        "position", "posting", "at", "account", "member", "asset", "units", "amount", "balance_units", "balance", "event_id", "event",
        "stream",
    ];

    private static readonly string[] EventColumns =
    [
        "position", "stream", "version", "id", "name", "at", "actor", "correlation_id", "causation_id", "body",
    ];

    /// <summary>Postings, in the log's order.</summary>
    public IAsyncEnumerable<LedgerEntry> Entries(ExportWindow window, CancellationToken ct) =>
        books.EntriesAsync(new(window.Tenant, window.From.Position, window.To.Position), null, ct);

    /// <summary>A posting as it is exported.</summary>
    public static object?[] LedgerRow(LedgerEntry e, AssetSettings assets) =>
    [
        e.Position, (long)e.Number, e.At, e.Account.ToString(), e.Member, e.Asset.Code, Text(e.Units), assets.Format(e.Asset, e.Units),
        Text(e.Balance), assets.Format(e.Asset, e.Balance), e.EventId.ToString(), e.Event, e.Stream,
    ];

    /// <summary>Rows of any kind. Tips and withdrawals are those that were requested in the window, as they stand now.</summary>
    public TableRows Of(ExportKind kind, ExportWindow window, CancellationToken ct) => kind switch
    {
        ExportKind.Ledger => new(LedgerColumns, LedgerAsync(window, ct)),
        ExportKind.Events => new(EventColumns, EventsAsync(window, ct)),
        ExportKind.Tips => tips.Of(new TipWindow(window.Tenant, Start(window), End(window))),
        ExportKind.Withdrawals => withdrawals.Of(window.Tenant, Start(window), End(window)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Nothing of that kind is exported."),
    };

    private static DateTimeOffset Start(ExportWindow window) => After(window.From);

    private static DateTimeOffset End(ExportWindow window) => After(window.To);

    // A moment later than the point's own, which itself belongs to what is before.
    private static DateTimeOffset After(LedgerPoint point) =>
        point.At is { } at ? at.AddMicroseconds(1) : DateTimeOffset.UnixEpoch;

    private async IAsyncEnumerable<object?[]> LedgerAsync(ExportWindow window, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var e in Entries(window, ct))
        {
            yield return LedgerRow(e, assets);
        }
    }

    private async IAsyncEnumerable<object?[]> EventsAsync(ExportWindow window, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = window.From.Position; after < window.To.Position;)
        {
            var query = new LogQuery { After = after, UpTo = window.To.Position, Tenant = window.Tenant };
            var page = await store.ReadLogAsync(query, PageMax, ct);
            foreach (var e in page.Events)
            {
                yield return
                [
                    e.Position, e.Stream.Key, e.Version, e.Id.ToString(), e.Name, e.At, e.Metadata.Actor, e.Metadata.CorrelationId,
                    e.Metadata.CausationId?.ToString(), JsonNode.Parse(catalogue.Write(e.Body).Body),
                ];
            }

            after = page.IsAtEnd ? window.To.Position : page.Position;
        }
    }

    private static string Text(Int128 units) => units.ToString(CultureInfo.InvariantCulture);
}
