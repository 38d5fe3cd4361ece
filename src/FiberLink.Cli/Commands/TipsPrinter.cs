using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.Startup;
using FiberLink.Service.Tips.Administration;

namespace FiberLink.Cli.Commands;

/// <summary>Prints tips, but for what was written with them.</summary>
internal static class TipsPrinter
{
    /// <summary>What the states are called where they are typed and shown.</summary>
    public static IReadOnlyList<(string Name, TipStage Stage)> Stages { get; } =
    [
        ("requested", TipStage.Requested), ("open", TipStage.AwaitingPayment), ("received", TipStage.Received),
        ("settled", TipStage.Settled), ("expired", TipStage.Expired), ("cancelled", TipStage.Cancelled),
        ("suspended", TipStage.Suspended),
    ];

    public static Task ListAsync(IReadOnlyList<TipRow> rows, AssetSettings assets) =>
        Printer.TableAsync(
            ["ID", "COMMUNITY", "FROM", "TO", "POST", "AMOUNT", "STATE", "ASKED FOR", "SETTLED", "POSITION"],
            [.. rows.Select(r => (IReadOnlyList<string>)
            [
                r.TipId.ToString(), r.Tenant, r.From, r.To, r.PostId, $"{assets.Format(r.Amount)} {r.Amount.Asset}", NameOf(r.Stage),
                TipStanding.Moment(r.RequestedAt), r.SettledAt is { } at ? TipStanding.Moment(at) : "-", Text(r.Position),
            ])]);

    public static async Task ShowAsync(TipReport report, AssetSettings assets)
    {
        var (terms, standing) = (report.Terms, report.Standing);
        (string Name, string? Value)[] lines =
        [
            ("tip", terms.TipId.ToString()),
            ("community", report.Tenant),
            ("from", terms.From),
            ("to", terms.To),
            ("post", terms.PostId),
            ("amount", $"{assets.Format(terms.Amount)} {terms.Amount.Asset}"),
            ("asked for", TipStanding.Moment(terms.RequestedAt)),
            ("payment hash", terms.Order.PaymentHash),
            ("invoice", report.Invoice ?? "none that anybody was shown"),
            ("payable until", report.ExpiresAt is { } end ? TipStanding.Moment(end) : null),
            ("state", standing.Where),
            ("credited", standing.Credited),
            ("next", standing.Next),
            ("proof", standing.Proof),
        ];
        foreach (var (name, value) in lines.Where(l => l.Value is not null))
        {
            await Console.Out.WriteLineAsync($"{name,-13}  {value}");
        }

        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["POSITION", "WHEN", "WHAT", "BY", "DETAIL"],
            [.. report.Events.Select(e => (IReadOnlyList<string>)
                [Text(e.Position), TipStanding.Moment(e.At), e.Name.Split('.')[1], e.Metadata.Actor ?? "-", Detail(e, assets)])]);
    }

    public static JsonObject Json(TipRow row, AssetSettings assets) => new()
    {
        ["id"] = row.TipId,
        ["appId"] = row.Tenant,
        ["from"] = row.From,
        ["to"] = row.To,
        ["postId"] = row.PostId,
        ["asset"] = row.Amount.Asset.Code,
        ["amount"] = assets.Format(row.Amount),
        ["state"] = NameOf(row.Stage),
        ["invoice"] = row.Invoice,
        ["paymentHash"] = row.PaymentHash,
        ["requestedAt"] = row.RequestedAt,
        ["settledAt"] = row.SettledAt,
        ["position"] = row.Position,
    };

    public static JsonObject Json(TipReport report, AssetSettings assets) => new()
    {
        ["id"] = report.Terms.TipId,
        ["appId"] = report.Tenant,
        ["from"] = report.Terms.From,
        ["to"] = report.Terms.To,
        ["postId"] = report.Terms.PostId,
        ["asset"] = report.Terms.Amount.Asset.Code,
        ["amount"] = assets.Format(report.Terms.Amount),
        ["state"] = NameOf(report.Stage),
        ["invoice"] = report.Invoice,
        ["paymentHash"] = report.Terms.Order.PaymentHash,
        ["requestedAt"] = report.Terms.RequestedAt,
        ["expiresAt"] = report.ExpiresAt,
        ["where"] = report.Standing.Where,
        ["credited"] = report.Standing.Credited,
        ["next"] = report.Standing.Next,
        ["proof"] = report.Standing.Proof,
        ["timeline"] = new JsonArray([.. report.Events.Select(e => (JsonNode)new JsonObject
        {
            ["position"] = e.Position, ["at"] = e.At, ["name"] = e.Name, ["actor"] = e.Metadata.Actor, ["detail"] = Detail(e, assets),
        })]),
    };

    private static string Detail(RecordedEvent @event, AssetSettings assets) => @event.Body switch
    {
        TipEvent.Requested e => $"{assets.Format(e.Amount)} {e.Amount.Asset} from {e.From} to {e.To}",
        TipEvent.InvoiceIssued e => $"payable until {TipStanding.Moment(e.ExpiresAt)}",
        TipEvent.Settled e => $"{assets.Format(e.Amount)} {e.Amount.Asset} to {e.To}{(e.Late ? ", late" : "")}",
        TipEvent.PaidTwice e => e.Difference is { } differs ? $"differs in {differs}" : $"{e.To} is credited again",
        TipEvent.Cancelled e => TipStanding.Reason(e.Reason),
        TipEvent.Suspended e => $"differs in {e.Difference}",
        _ => "",
    };

    private static string NameOf(TipStage stage) => Stages.Single(s => s.Stage == stage).Name;

    private static string Text(long position) => position.ToString(CultureInfo.InvariantCulture);
}
