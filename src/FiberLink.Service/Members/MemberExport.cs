using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Members;

/// <summary>
/// Writes everything that is on record about a member as JSON Lines, all as of one position of the log, and however much it is few of it
/// in memory. The last line says what was written.
/// </summary>
internal sealed class MemberExport(
    MemberStreams streams, LedgerBooks books, EventCatalogue catalogue, MemberTexts texts, AssetSettings assets, TimeProvider time)
{
    /// <summary>Writes the lines.</summary>
    /// <param name="app">The community.</param>
    /// <param name="member">The member, who should be known.</param>
    /// <param name="output">Where to. It is not closed.</param>
    /// <param name="ct">Stops in the middle: what was written then has no manifest.</param>
    /// <returns>The manifest.</returns>
    /// <exception cref="LedgerIsBehindException">A read model is too far behind the log.</exception>
    /// <exception cref="MasterKeyIsMissingException">The member wrote texts, and the key that opens them is not configured.</exception>
    public async Task<JsonObject> WriteAsync(string app, string member, Stream output, CancellationToken ct)
    {
        var point = await books.FindAsync(null, ct);
        using var lines = new ManifestedLines(output);
        await BalancesAsync(lines, app, member, point.Position, ct);
        await foreach (var entry in books.EntriesAsync(new(app, 0, point.Position) { Member = member }, null, ct))
        {
            await lines.AddAsync("posting", Posting(entry), ct);
        }

        await foreach (var tip in streams.TipsAsync(app, member, point.Position, ct))
        {
            await lines.AddAsync("tip", await TipAsync(tip, member, ct), ct);
        }

        await foreach (var withdrawal in streams.WithdrawalsAsync(app, member, point.Position, ct))
        {
            await lines.AddAsync("withdrawal", Withdrawal(withdrawal), ct);
        }

        await foreach (var adjustment in streams.AdjustmentsAsync(app, member, point.Position, ct))
        {
            await lines.AddAsync("adjustment", Adjustment(adjustment), ct);
        }

        await foreach (var decision in streams.DecisionsAsync(app, member, point.Position, ct))
        {
            await lines.AddAsync("decision", Happened(decision), ct);
        }

        return await lines.EndAsync(
            new JsonObject
            {
                ["appId"] = app,
                ["member"] = member,
                ["position"] = point.Position,
                ["at"] = Moment(point.At),
                ["madeAt"] = Moment(time.GetUtcNow()),
            },
            ct);
    }

    private async Task BalancesAsync(ManifestedLines lines, string app, string member, long position, CancellationToken ct)
    {
        foreach (var balance in await books.BalancesAsync(app, member, position, ct))
        {
            await lines.AddAsync(
                "balance",
                new()
                {
                    ["account"] = balance.Account.ToString(),
                    ["asset"] = balance.Asset.Code,
                    ["units"] = balance.Units.ToString(CultureInfo.InvariantCulture),
                    ["amount"] = assets.Format(balance.Asset, balance.Units),
                },
                ct);
        }
    }

    private JsonObject Posting(LedgerEntry entry) =>
        ExportWriters.Line(ExportSources.LedgerColumns, ExportSources.LedgerRow(entry, assets));

    private async Task<JsonObject> TipAsync(EventStream tip, string member, CancellationToken ct)
    {
        if (tip.Events is not [{ Body: TipEvent.Requested requested }, ..])
        {
            return Happening(tip);
        }

        // A text is its writer's: one that somebody else wrote to the member is not given out in a file that nobody could erase.
        var isMine = requested.From == member;
        var text = isMine ? (await texts.OpenAsync([requested.Message], ct))[0] : null;
        return Happening(
            tip,
            ("role", !isMine ? "received" : requested.To == member ? "both" : "gave"),
            ("from", requested.From),
            ("to", requested.To),
            ("postId", requested.PostId),
            ("asset", requested.Amount.Asset.Code),
            ("units", requested.Amount.Units.ToString(CultureInfo.InvariantCulture)),
            ("amount", assets.Format(requested.Amount)),
            ("requestedAt", Moment(requested.RequestedAt)),
            ("message", text),
            ("messageIs", requested.Message is null ? "none" : !isMine ? "another member's" : text is null ? "erased" : "open"));
    }

    private JsonObject Withdrawal(EventStream withdrawal) =>
        withdrawal.Events is [{ Body: WithdrawalEvent.Requested requested }, ..]
            ? Happening(
                withdrawal,
                ("asset", requested.Amount.Asset.Code),
                ("units", requested.Amount.Units.ToString(CultureInfo.InvariantCulture)),
                ("amount", assets.Format(requested.Amount)),
                ("destinationKind", requested.Destination.Kind.ToString()),
                ("destination", requested.Destination.Text),
                ("requestedAt", Moment(requested.RequestedAt)))
            : Happening(withdrawal);

    private JsonObject Adjustment(EventStream adjustment) =>
        adjustment.Events is [{ Body: AdjustmentEvent.Requested requested }, ..]
            ? Happening(
                adjustment,
                ("from", Name(requested.From)),
                ("to", Name(requested.To)),
                ("asset", requested.Amount.Asset.Code),
                ("units", requested.Amount.Units.ToString(CultureInfo.InvariantCulture)),
                ("amount", assets.Format(requested.Amount)),
                ("requestedAt", Moment(requested.RequestedAt)))
            : Happening(adjustment);

    // What it is about, and then all that happened, as the log has it.
    private JsonObject Happening(EventStream stream, params (string Name, string? Value)[] told)
    {
        var line = new JsonObject { ["stream"] = stream.Id.Key };
        foreach (var (name, value) in told)
        {
            line[name] = value;
        }

        line["lastEvent"] = stream.Events[^1].Name;
        line["events"] = new JsonArray([.. stream.Events.Select(Happened)]);
        return line;
    }

    private JsonObject Happened(RecordedEvent e) => new()
    {
        ["position"] = e.Position,
        ["appId"] = e.Stream.Tenant,
        ["stream"] = e.Stream.Key,
        ["version"] = e.Version,
        ["id"] = e.Id.ToString(),
        ["name"] = e.Name,
        ["at"] = Moment(e.At),
        ["actor"] = e.Metadata.Actor,
        ["body"] = JsonNode.Parse(catalogue.Write(e.Body).Body),
    };

    private static string Name(AccountName account) => account.Member is { } of ? $"{account.Account}:{of}" : account.Account.ToString();

    private static string? Moment(DateTimeOffset? at) => at is { } known ? ExportWriters.Moment(known) : null;
}
