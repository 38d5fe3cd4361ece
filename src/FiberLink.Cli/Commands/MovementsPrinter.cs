using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.EventStore;
using FiberLink.Projections.Treasury;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;

namespace FiberLink.Cli.Commands;

/// <summary>Prints movements of the hub's own money.</summary>
internal static class MovementsPrinter
{
    public static Task ListAsync(IReadOnlyList<MovementRow> rows, AssetSettings assets) =>
        Printer.TableAsync(
            ["ID", "WHAT", "AMOUNT", "STATE", "ASKED BY", "AGREED BY", "CHANGED"],
            [.. rows.Select(r => (IReadOnlyList<string>)
            [
                r.MovementId.ToString(), What(r), $"{assets.Format(r.Amount)} {r.Amount.Asset}", r.Stage.ToString(), r.RequestedBy,
                r.ApprovedBy ?? "-", Moment(r.UpdatedAt),
            ])]);

    public static async Task ShowAsync(MovementReport report, AssetSettings assets)
    {
        var row = report.Row;
        (string Name, string? Value)[] lines =
        [
            ("movement", row.MovementId.ToString()),
            ("what", What(row)),
            ("amount", $"{assets.Format(row.Amount)} {row.Amount.Asset}"),
            ("to", row.Destination),
            ("reason", row.Reason),
            ("state", row.Stage.ToString() + (row.IsFinal ? ", final" : "")),
            ("next", Next(row)),
            ("evidence", row.Evidence),
            ("cost of the way", row.Fee is { } fee ? $"{assets.Format(new Amount(Asset.Ckb, fee))} CKB" : null),
            ("last error", row.LastError),
        ];
        foreach (var (name, value) in lines.Where(l => l.Value is not null))
        {
            await Console.Out.WriteLineAsync($"{name,-15}  {value}");
        }

        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["WHEN", "WHAT", "BY", "DETAIL"],
            [.. report.Events.Select(e => (IReadOnlyList<string>)[Moment(e.At), NameOf(e), e.Metadata.Actor ?? "-", Detail(e)])]);
    }

    public static JsonObject Json(MovementRow row, AssetSettings assets) => new()
    {
        ["id"] = row.MovementId,
        ["kind"] = row.Kind.ToString(),
        ["asset"] = row.Amount.Asset.Code,
        ["amount"] = assets.Format(row.Amount),
        ["to"] = row.Destination,
        ["place"] = row.Place?.ToString(),
        ["way"] = row.Way?.ToString(),
        ["stage"] = row.Stage.ToString(),
        ["requestedBy"] = row.RequestedBy,
        ["reason"] = row.Reason,
        ["approvedBy"] = row.ApprovedBy,
        ["attempt"] = row.Attempt,
        ["evidence"] = row.Evidence,
        ["fee"] = row.Fee is { } fee ? assets.Format(new Amount(Asset.Ckb, fee)) : null,
        ["blockNumber"] = row.BlockNumber,
        ["lastError"] = row.LastError,
        ["isFinal"] = row.IsFinal,
        ["requestedAt"] = row.RequestedAt,
        ["updatedAt"] = row.UpdatedAt,
        ["completedAt"] = row.CompletedAt,
    };

    public static JsonObject Json(MovementReport report, AssetSettings assets)
    {
        var json = Json(report.Row, assets);
        json["next"] = Next(report.Row);
        json["timeline"] = new JsonArray([.. report.Events.Select(e => (JsonNode)new JsonObject
        {
            ["at"] = e.At, ["name"] = e.Name, ["actor"] = e.Metadata.Actor, ["detail"] = Detail(e),
        })]);
        return json;
    }

    private static string What(MovementRow row) =>
        row.Kind switch
        {
            MovementKind.Sweep => "sweep to cold",
            MovementKind.ToChannel => "into a channel",
            MovementKind.ToChain => "out of a channel",
            _ => $"{(row.Way is BookingWay.PutIn ? "put in" : "taken out")}: {row.Place}",
        };

    private static string Next(MovementRow row) =>
        row.Stage switch
        {
            MovementStage.Requested => $"Somebody else than {row.RequestedBy} agrees, or it is cancelled; after 7 days it fails.",
            MovementStage.Approved when row.Kind is MovementKind.ToChain => "The service has the node close it.",
            MovementStage.Approved => "The service sends it when the wallet and the budget cover it; after 7 days it fails.",
            MovementStage.Prepared or MovementStage.Sent or MovementStage.InBlock =>
                "The service looks after it until a block has it, deep.",
            MovementStage.Completed when !row.IsFinal => "It is watched until it is final.",
            MovementStage.Lost =>
                "Find out where it is now, and book that: see docs/runbooks/treasury.md, 'Lost for good'. It is not done again by itself.",
            MovementStage.ArrivedAfterLoss => "What was booked since it was lost is booked back: see docs/runbooks/treasury.md.",
            _ => "Nothing.",
        };

    private static string Detail(RecordedEvent @event) =>
        @event.Body switch
        {
            MovementEvent.SweepRequested e => e.Reason,
            MovementEvent.BookingRequested e => e.Reason,
            MovementEvent.Approved e => e.Reason,
            MovementEvent.Prepared e => $"attempt {e.Attempt}: transaction {e.Transaction.Hash}",
            MovementEvent.TokenPrepared e => $"attempt {e.Attempt}: transaction {e.Transaction.Hash}, cell of {e.Capacity.Units} shannon",
            MovementEvent.OpeningRequested e => e.Reason,
            MovementEvent.ClosingRequested e => e.Reason,
            MovementEvent.FundingPrepared e => $"attempt {e.Attempt}: channel {e.ChannelId}, transaction {e.Transaction.Hash}",
            MovementEvent.ReturnPrepared e => $"attempt {e.Attempt}: transaction {e.Transaction.Hash} brings the coins back",
            MovementEvent.ClosePrepared e => $"channel {e.ChannelId}",
            MovementEvent.CloseSeen e => $"transaction {e.Evidence}",
            MovementEvent.Sent e => $"attempt {e.Attempt}",
            MovementEvent.IncludedInBlock e => $"attempt {e.Attempt}: block {e.BlockNumber} {e.BlockHash}",
            MovementEvent.TakenBack e => $"attempt {e.Attempt}: block {e.BlockHash} is gone",
            MovementEvent.AttemptFailed e => $"attempt {e.Attempt}: {e.Detail}",
            MovementEvent.Completed e => $"attempt {e.Attempt}: {e.Evidence}",
            MovementEvent.MadeFinal e => e.Evidence,
            MovementEvent.Lost e => $"attempt {e.Attempt} is lost: {e.Detail}",
            MovementEvent.ArrivedAfterLoss e => $"attempt {e.Attempt} has arrived: {e.Evidence}",
            MovementEvent.Failed e => $"{e.Reason}: {e.Detail}",
            MovementEvent.Cancelled e => e.Reason,
            _ => "",
        };

    private static string NameOf(RecordedEvent @event) => @event.Name.Split('.')[1];

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
