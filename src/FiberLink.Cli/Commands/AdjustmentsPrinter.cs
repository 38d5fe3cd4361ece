using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Domain.Adjustments;
using FiberLink.Events.Adjustments;
using FiberLink.EventStore;
using FiberLink.Projections.Adjustments;
using FiberLink.Service.Adjustments;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary>Prints corrections of the books.</summary>
internal static class AdjustmentsPrinter
{
    /// <summary>What the states are called where they are typed.</summary>
    public static IReadOnlyList<(string Name, AdjustmentStage Stage)> Stages { get; } =
    [
        ("requested", AdjustmentStage.Requested), ("posted", AdjustmentStage.Posted),
        ("reversal-requested", AdjustmentStage.ReversalRequested), ("reversed", AdjustmentStage.Reversed),
        ("cancelled", AdjustmentStage.Cancelled),
    ];

    public static Task ListAsync(IReadOnlyList<AdjustmentRow> rows, AssetSettings assets) =>
        Printer.TableAsync(
            ["ID", "COMMUNITY", "FROM", "TO", "AMOUNT", "STATE", "ASKED BY", "AGREED BY", "CHANGED"],
            [.. rows.Select(r => (IReadOnlyList<string>)
            [
                r.AdjustmentId.ToString(), r.Tenant, AccountNames.Of(r.From), AccountNames.Of(r.To),
                $"{assets.Format(r.Amount)} {r.Amount.Asset}", r.Stage.ToString(), r.RequestedBy, r.ApprovedBy ?? "-", Moment(r.UpdatedAt),
            ])]);

    public static async Task ShowAsync(AdjustmentReport report, AssetSettings assets)
    {
        var row = report.Row;
        (string Name, string Value)[] lines =
        [
            ("adjustment", row.AdjustmentId.ToString()),
            ("community", row.Tenant),
            ("from", AccountNames.Of(row.From)),
            ("to", AccountNames.Of(row.To)),
            ("amount", $"{assets.Format(row.Amount)} {row.Amount.Asset}"),
            ("reason", row.Reason),
            ("state", row.Stage.ToString()),
            ("next", Next(row)),
        ];
        foreach (var (name, value) in lines)
        {
            await Console.Out.WriteLineAsync($"{name,-10}  {value}");
        }

        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["POSITION", "WHEN", "WHAT", "BY", "REASON"],
            [.. report.Events.Select(e => (IReadOnlyList<string>)
            [
                e.Position.ToString(CultureInfo.InvariantCulture), Moment(e.At), NameOf(e), e.Metadata.Actor ?? "-", ReasonOf(e),
            ])]);
    }

    public static JsonObject Json(AdjustmentRow row, AssetSettings assets) => new()
    {
        ["id"] = row.AdjustmentId,
        ["app"] = row.Tenant,
        ["from"] = AccountNames.Of(row.From),
        ["to"] = AccountNames.Of(row.To),
        ["asset"] = row.Amount.Asset.Code,
        ["amount"] = assets.Format(row.Amount),
        ["stage"] = row.Stage.ToString(),
        ["requestedBy"] = row.RequestedBy,
        ["reason"] = row.Reason,
        ["approvedBy"] = row.ApprovedBy,
        ["reversalBy"] = row.ReversalBy,
        ["requestedAt"] = row.RequestedAt,
        ["updatedAt"] = row.UpdatedAt,
    };

    public static JsonObject Json(AdjustmentReport report, AssetSettings assets)
    {
        var json = Json(report.Row, assets);
        json["next"] = Next(report.Row);
        json["timeline"] = new JsonArray([.. report.Events.Select(e => (JsonNode)new JsonObject
        {
            ["position"] = e.Position, ["at"] = e.At, ["name"] = e.Name, ["actor"] = e.Metadata.Actor, ["reason"] = ReasonOf(e),
        })]);
        return json;
    }

    private static string Next(AdjustmentRow row) =>
        row.Stage switch
        {
            AdjustmentStage.Requested => $"Somebody else than {row.RequestedBy} agrees, or it is cancelled; {Days}.",
            AdjustmentStage.ReversalRequested =>
                $"Somebody else than {row.ReversalBy} agrees to take it back, or that is cancelled; {Days}.",
            AdjustmentStage.Posted => "Nothing. 'adjust reverse' asks for it to be taken back.",
            _ => "Nothing.",
        };

    private static string Days => $"after {AdjustmentDecider.WaitMax.TotalDays} days nobody can agree any more";

    private static string ReasonOf(RecordedEvent @event) =>
        @event.Body switch
        {
            AdjustmentEvent.Requested e => e.Reason,
            AdjustmentEvent.Posted e => e.Reason,
            AdjustmentEvent.Cancelled e => e.Reason,
            AdjustmentEvent.ReversalRequested e => e.Reason,
            AdjustmentEvent.ReversalCancelled e => e.Reason,
            AdjustmentEvent.Reversed e => e.Reason,
            _ => "",
        };

    private static string NameOf(RecordedEvent @event) => @event.Name.Split('.')[1];

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
