using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service.Audit.Packs;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary>Says what came of checking an evidence pack, and what the books in it are.</summary>
internal static class AuditPackPrinter
{
    /// <param name="result">What was found. Of a pack that is not sound nothing else is told.</param>
    /// <param name="path">The pack.</param>
    /// <param name="withBooks">Whether balances and the statement are printed too.</param>
    /// <param name="isJson">Whether programs read it.</param>
    public static async Task<int> SayAsync(CheckedPack result, string path, bool withBooks, bool isJson)
    {
        if (isJson)
        {
            await Printer.JsonAsync(Json(result, path, withBooks));
            return result.IsSound ? ExitCode.Done : ExitCode.Refused;
        }

        foreach (var finding in result.Findings)
        {
            await Console.Out.WriteLineAsync(finding);
        }

        if (result is { Manifest: { } manifest, Checkpoint: { } checkpoint })
        {
            await Console.Out.WriteLineAsync(
                Invariant($"{What(manifest)}, positions {manifest.From + 1} to {manifest.To} of {checkpoint.Origin} ")
                + Invariant($"with {checkpoint.Size} events: {result.Events} events, {result.Entries} entries")
                + (manifest.Member is null ? Invariant($", {result.Publications} publications of liabilities.") : "."));
            if (manifest.From > 0)
            {
                await Console.Out.WriteLineAsync("The opening balances were believed: only a pack from the beginning shows them.");
            }

            if (result.IsSound && withBooks)
            {
                await BooksAsync(result, manifest);
            }

            if (manifest.Member is { } member)
            {
                await LimitsAsync(member, manifest.App);
            }
        }

        await Console.Out.WriteLineAsync(result.IsSound ? $"{path}: the pack is sound." : $"{path}: THE PACK IS NOT SOUND.");
        return result.IsSound ? ExitCode.Done : ExitCode.Refused;
    }

    private static string What(PackManifest manifest) => manifest.Member is { } member ? $"{member} of {manifest.App}" : manifest.App;

    private static async Task BooksAsync(CheckedPack result, PackManifest manifest)
    {
        var assets = manifest.Settings();
        if (manifest.Member is null)
        {
            await Console.Out.WriteLineAsync(Invariant($"\nTrial balance at position {manifest.To}, by these events alone:"));
            await LedgerPrinter.TableAsync(new TrialBalance(result.Balances), assets);
        }

        if (result.Statement is { } statement)
        {
            await Console.Out.WriteLineAsync($"\nStatement of {statement.Member} of {manifest.App}, by these events alone:");
            await LedgerPrinter.SayAsync(Invariant($"Opening, after position {manifest.From}"), statement.Opening, assets);
            await new StatementPrinter(statement.Opening, assets).TableAsync(statement.Entries.ToAsyncEnumerable());
            await LedgerPrinter.SayAsync(Invariant($"Closing, at position {manifest.To}"), statement.Closing, assets);
        }

        await Console.Out.WriteLineAsync();
    }

    private static Task LimitsAsync(string member, string app) => Console.Out.WriteLineAsync(
        $"""
        It shows: each of these events is in the signed log as it stands here, no stream of theirs has a hole in it, and they give this
        balance.
        It can't show that nothing about {member} was left out: a whole stream, or the end of one. Compare the closing balance with a
        proof of 'audit liabilities prove', or ask for a pack of all of {app}, or for the log.
        What members wrote is sealed in it, and no key of it is here: what was erased stays erased.
        """);

    private static JsonObject Json(CheckedPack result, string path, bool withBooks)
    {
        var manifest = result.Manifest;
        var json = new JsonObject
        {
            ["isSound"] = result.IsSound,
            ["pack"] = path,
            ["log"] = result.Checkpoint?.Origin,
            ["size"] = result.Checkpoint?.Size,
            ["appId"] = manifest?.App,
            ["member"] = manifest?.Member,
            ["from"] = manifest?.From,
            ["to"] = manifest?.To,
            ["events"] = result.Events,
            ["entries"] = result.Entries,
            ["publications"] = result.Publications,
            ["findings"] = new JsonArray([.. result.Findings.Select(f => (JsonNode)f)]),
        };
        if (!withBooks || !result.IsSound || manifest is null)
        {
            return json;
        }

        var assets = manifest.Settings();
        json["trialBalance"] = manifest.Member is null ? LedgerPrinter.Json(new TrialBalance(result.Balances), assets) : null;
        json["statement"] = result.Statement is { } statement ? Json(statement, assets) : null;
        return json;
    }

    private static JsonObject Json(PackStatement statement, AssetSettings assets)
    {
        var printer = new StatementPrinter(statement.Opening, assets);
        return new()
        {
            ["userId"] = statement.Member,
            ["opening"] = LedgerPrinter.Json(statement.Opening, assets),
            ["entries"] = new JsonArray([.. statement.Entries.Select(e => (JsonNode)printer.Json(e))]),
            ["closing"] = LedgerPrinter.Json(statement.Closing, assets),
        };
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
