using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;
using FiberLink.Service.Withdrawals.Administration;

namespace FiberLink.Cli.Commands;

/// <summary>Prints withdrawals.</summary>
internal static class WithdrawalsPrinter
{
    private const int DestinationLengthMax = 24;
    private const int DestinationEnd = 8;

    public static Task ListAsync(IReadOnlyList<WithdrawalRow> rows, AssetSettings assets, DateTimeOffset now) =>
        Printer.TableAsync(
            ["ID", "APP", "MEMBER", "AMOUNT", "TO", "STATE", "WAITS FOR", "CHANGED"],
            [.. rows.Select(r => (IReadOnlyList<string>)
            [
                r.WithdrawalId.ToString(), r.Tenant, r.Member, $"{assets.Format(r.Amount)} {r.Amount.Asset}", Short(r.Destination),
                r.Stage.ToString(), WaitsFor(r, now), Moment(r.UpdatedAt),
            ])]);

    public static async Task ShowAsync(WithdrawalReport report, AssetSettings assets)
    {
        var row = report.Row;
        string Of(UInt128 units) => $"{assets.Format(row.Amount with { Units = units })} {row.Amount.Asset}";
        (string Name, string? Value)[] lines =
        [
            ("withdrawal", row.WithdrawalId.ToString()),
            ("community", row.Tenant),
            ("member", row.Member),
            ("asked for", Of(row.Amount.Units)),
            ("recipient gets", Of(row.Pays)),
            ("held", $"{Of(row.Hold)}, of which {Of(row.Hold - row.Pays)} at most for the way"),
            ("to", row.Destination),
            ("attempts", row.Attempt.ToString(CultureInfo.InvariantCulture)),
            ("evidence", row.Evidence),
            ("cost of the way", row.Fee is { } fee ? $"{assets.Format(new(row.FeeAsset, fee))} {row.FeeAsset}" : null),
            ("last error", row.LastError),
        ];
        foreach (var (name, value) in lines.Where(l => l.Value is not null))
        {
            await Console.Out.WriteLineAsync($"{name,-15}  {value}");
        }

        await StandingAsync(report.Standing);
        if (report.Errand is { } errand)
        {
            await Console.Out.WriteLineAsync(
                $"{"seen to by",-15}  message {errand.Id}, {errand.State}, due {Moment(errand.At)}"
                + (errand.LastError is { Length: > 0 } why ? $": {why}" : ""));
        }

        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["WHEN", "WHAT", "BY", "DETAIL"],
            [.. report.Events.Select(e => (IReadOnlyList<string>)[Moment(e.At), NameOf(e), e.Metadata.Actor ?? "-", Detail(e, assets)])]);
    }

    public static async Task StandingAsync(WithdrawalStanding standing)
    {
        await Console.Out.WriteLineAsync($"{"state",-15}  {standing.Where}");
        foreach (var why in standing.Waits)
        {
            await Console.Out.WriteLineAsync($"{"waits",-15}  {why}");
        }

        await Console.Out.WriteLineAsync($"{"next",-15}  {standing.Next}");
    }

    public static JsonObject Json(WithdrawalRow row, AssetSettings assets) => new()
    {
        ["id"] = row.WithdrawalId,
        ["appId"] = row.Tenant,
        ["userId"] = row.Member,
        ["asset"] = row.Amount.Asset.Code,
        ["amount"] = assets.Format(row.Amount),
        ["pays"] = assets.Format(row.Amount with { Units = row.Pays }),
        ["hold"] = assets.Format(row.Amount with { Units = row.Hold }),
        ["destinationKind"] = WithdrawalWire.KindOf(row.DestinationKind),
        ["toAddress"] = row.Destination,
        ["state"] = WithdrawalWire.StateOf(row),
        ["stage"] = row.Stage.ToString(),
        ["needsApproval"] = row.NeedsApproval,
        ["isHeldBack"] = row.IsHeldBack,
        ["awaitsLiquidity"] = row.AwaitsLiquidity,
        ["notBefore"] = row.NotBefore,
        ["attempt"] = row.Attempt,
        ["evidence"] = row.Evidence,
        ["feeUnits"] = row.Fee?.ToString(CultureInfo.InvariantCulture),
        ["feeAsset"] = row.Fee is null ? null : row.FeeAsset.Code,
        ["blockNumber"] = row.BlockNumber,
        ["lastError"] = row.LastError,
        ["usdCents"] = row.UsdCents,
        ["isFinal"] = row.IsFinal,
        ["requestedAt"] = row.RequestedAt,
        ["updatedAt"] = row.UpdatedAt,
        ["completedAt"] = row.CompletedAt,
    };

    public static JsonObject Json(WithdrawalReport report, AssetSettings assets)
    {
        var json = Json(report.Row, assets);
        json["where"] = report.Standing.Where;
        json["waits"] = new JsonArray([.. report.Standing.Waits.Select(w => (JsonNode)w)]);
        json["next"] = report.Standing.Next;
        json["message"] = report.Errand is { } errand
            ? new JsonObject { ["id"] = errand.Id, ["state"] = errand.State, ["dueAt"] = errand.At, ["lastError"] = errand.LastError }
            : null;
        json["timeline"] = new JsonArray([.. report.Events.Select(e => (JsonNode)new JsonObject
        {
            ["at"] = e.At, ["name"] = e.Name, ["actor"] = e.Metadata.Actor, ["detail"] = Detail(e, assets),
        })]);
        return json;
    }

    // The whole of an event is in 'events stream'; a signed transaction's bytes say nothing to people.
    private static string Detail(RecordedEvent @event, AssetSettings assets)
    {
        string Of(Amount amount) => $"{assets.Format(amount)} {amount.Asset}";
        return @event.Body switch
        {
            WithdrawalEvent.Requested e => $"{Of(e.Amount)}, {Of(e.Hold)} held",
            WithdrawalEvent.Approved e => e.Reason,
            WithdrawalEvent.HeldBack e => e.Reason,
            WithdrawalEvent.Released e => e.Reason,
            WithdrawalEvent.LiquidityAwaited e => $"{Of(e.Missing)} missing",
            WithdrawalEvent.TransactionPrepared e => $"attempt {e.Attempt}: transaction {e.Transaction.Hash}, fee {Of(e.Transaction.Fee)}"
                + (e.Transaction.Capacity.Units > 0 ? $", {Of(e.Transaction.Capacity)} for the room of the token's cell" : "")
                + (e.Transaction.Replaces is { } before ? $", in place of {before}" : ""),
            WithdrawalEvent.PaymentPrepared e => $"attempt {e.Attempt}: payment {e.PaymentHash}, fee at most {Of(e.FeeMax)}",
            WithdrawalEvent.Sent e => $"attempt {e.Attempt}",
            WithdrawalEvent.IncludedInBlock e => $"attempt {e.Attempt}: block {e.BlockNumber} {e.BlockHash}",
            WithdrawalEvent.TakenBack e => $"attempt {e.Attempt}: block {e.BlockHash} is gone",
            WithdrawalEvent.AttemptFailed e => $"attempt {e.Attempt}: {e.Detail}",
            WithdrawalEvent.Completed e => $"attempt {e.Attempt}: {e.Evidence}, cost {Of(e.Fee)}"
                + (e.Usd is { } usd ? $", worth {usd.Cents} US cents" : ""),
            WithdrawalEvent.Transferred e => $"within the hub: tip {e.PaymentHash}"
                + (e.Usd is { } worth ? $", worth {worth.Cents} US cents" : ""),
            WithdrawalEvent.UsdQuoted e => $"worth {e.Usd.Cents} US cents ({e.Usd.Source})",
            WithdrawalEvent.MadeFinal e => e.Evidence,
            WithdrawalEvent.Failed e => $"{e.Reason}: {e.Detail}",
            WithdrawalEvent.Cancelled e => e.Reason,
            WithdrawalEvent.Lost e => $"attempt {e.Attempt}: {e.Detail}",
            WithdrawalEvent.PaidAfterFailure e => $"attempt {e.Attempt}: {e.Evidence}, cost {Of(e.Fee)}",
            _ => "",
        };
    }

    private static string WaitsFor(WithdrawalRow row, DateTimeOffset now) =>
        row.Stage is not WithdrawalStage.Queued ? "-"
        : row.IsHeldBack ? "release"
        : row.NeedsApproval ? "approval"
        : row.NotBefore is { } time && time > now ? Moment(time)
        : row.AwaitsLiquidity ? "liquidity"
        : "-";

    private static string NameOf(RecordedEvent @event) => @event.Name.Split('.')[1];

    private static string Short(string destination) =>
        destination.Length <= DestinationLengthMax
            ? destination
            : $"{destination[..(DestinationLengthMax - DestinationEnd - 1)]}…{destination[^DestinationEnd..]}";

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
