using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary>Prints what comparisons have found: a line for each difference, then what there is by kind and by age.</summary>
internal static class ReconcilePrinter
{
    public static Task TellAsync(Difference found, bool asJson, AssetSettings assets) =>
        asJson
            ? Printer.JsonLineAsync(new JsonObject
            {
                ["kind"] = found.Kind.Name(),
                ["appId"] = found.Tenant,
                ["tipId"] = found.TipId,
                ["subject"] = found.Subject,
                ["paymentHash"] = found.Kind <= DifferenceKind.NoAnswer ? found.Subject : null,
                ["detail"] = found.Detail,
                ["since"] = found.Since,
                ["asset"] = found.Money?.Asset.Code,
                ["units"] = found.Money is { } money ? Units(money.Units) : null,
                ["isRepairable"] = found.IsRepairable,
                ["rebuild"] = found.ReadModel,
                ["correction"] = found.Correction is { } correction ? CommandOf(correction, assets) : null,
            })
            : Console.Out.WriteLineAsync(
                $"{found.Kind.Name(),-18} {found.Subject}{(found.Tenant is { } app ? $" {app}" : "")}"
                + $"{(found.TipId is { } tip ? $" {tip}" : "")}: {found.Detail}");

    /// <summary>What there is of each kind, and of each age.</summary>
    public static async Task SummaryAsync(DifferenceTally tally, bool isRepairing, AssetSettings assets)
    {
        if (tally.Differences == 0)
        {
            return;
        }

        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["KIND", "COUNT", isRepairing ? "MENDING" : "CAN BE MENDED", "WHAT TO DO"],
            [.. tally.Counts.Select(c => (IReadOnlyList<string>)
                [c.Key.Name(), Number(c.Value), Number(tally.Repairable.GetValueOrDefault(c.Key)), c.Key.Do()])]);
        await Console.Out.WriteLineAsync();
        await Printer.TableAsync(
            ["FOR", "COUNT", "ABOUT"],
            [.. tally.Ages.Select(a => (IReadOnlyList<string>)
                [a.Key.Age.Name(), Number(a.Value.Count), Text(a.Key.Asset, a.Value.Units, assets)])]);
        foreach (var readModel in tally.ReadModels)
        {
            await Console.Out.WriteLineAsync($"fiberlink projections rebuild {readModel}");
        }

        foreach (var correction in tally.Corrections)
        {
            await Console.Out.WriteLineAsync(CommandOf(correction, assets));
        }
    }

    public static void Add(JsonObject json, DifferenceTally tally)
    {
        json["differences"] = tally.Differences;
        json["kinds"] = new JsonObject(tally.Counts.Select(c => KeyValuePair.Create(c.Key.Name(), (JsonNode?)c.Value)));
        json["repairable"] = new JsonObject(tally.Repairable.Select(c => KeyValuePair.Create(c.Key.Name(), (JsonNode?)c.Value)));
        json["ages"] = new JsonArray([.. tally.Ages.Select(a => (JsonNode)new JsonObject
        {
            ["age"] = a.Key.Age.Name(),
            ["asset"] = a.Key.Asset.Length == 0 ? null : a.Key.Asset,
            ["count"] = a.Value.Count,
            ["units"] = Units(a.Value.Units),
        })]);
        json["rebuild"] = new JsonArray([.. tally.ReadModels.Select(r => (JsonNode)r)]);
    }

    /// <summary>What asks for it by hand.</summary>
    public static string CommandOf(Correction correction, AssetSettings assets) =>
        $"fiberlink adjust request --app {correction.App} --from {AccountNames.Of(correction.From)} --to {AccountNames.Of(correction.To)} "
        + $"--amount {Plain(correction.Amount, assets)} --asset {correction.Amount.Asset} "
        + "--by NAME --reason TEXT";

    public static string Text(string asset, UInt128 units, AssetSettings assets) =>
        asset.Length == 0 ? "" : $"{Plain(new(new(asset), units), assets)} {asset}";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Plain(Amount amount, AssetSettings assets) =>
        assets.Find(amount.Asset.Code) is { } known ? AmountText.Format(amount.Units, known.Decimals) : $"{Units(amount.Units)} units";

    private static string Units(UInt128 units) => units.ToString(CultureInfo.InvariantCulture);
}
