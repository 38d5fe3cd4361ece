using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Liabilities;
using FiberLink.Domain.Money;
using FiberLink.Service.Audit;

namespace FiberLink.Cli.Commands;

/// <summary>Says what was published, and what a member's proof shows.</summary>
internal static class AuditLiabilitiesPrinter
{
    public static async Task<int> SayAsync(List<LiabilityAnswer> answers, bool isJson)
    {
        if (isJson)
        {
            await Printer.JsonAsync(new JsonArray([.. answers.Select(a => (JsonNode)(a switch
            {
                LiabilityAnswer.Done done => Json(done.Publication, done.IsNew),
                LiabilityAnswer.Refused refused => new JsonObject { ["refused"] = refused.Why },
                _ => throw new System.Diagnostics.UnreachableException(),
            }))]));
        }

        foreach (var done in isJson ? [] : answers.OfType<LiabilityAnswer.Done>())
        {
            var published = done.Publication;
            var body = published.Body;
            await Console.Out.WriteLineAsync(done.IsNew
                ? Invariant($"{published.Tenant}: {Amount(published, body.Total.Units)} as of position {body.Position}, ")
                    + Invariant($"published at position {published.At}, root {body.Root}")
                : Invariant($"{published.Tenant}: position {body.Position} of {body.Total.Asset} is published already, ")
                    + Invariant($"at position {published.At}; nothing has moved since."));
        }

        foreach (var refused in answers.OfType<LiabilityAnswer.Refused>())
        {
            await Console.Error.WriteLineAsync(refused.Why);
        }

        return answers.Exists(a => a is LiabilityAnswer.Refused) ? ExitCode.Refused : ExitCode.Done;
    }

    public static async Task<int> SayAsync(LiabilityPath path, LiabilityVerdict.Counted counted, bool isJson)
    {
        var (checkpoint, publication) = counted;
        if (isJson)
        {
            var json = Json(publication);
            json["isCounted"] = true;
            json["log"] = checkpoint.Origin;
            json["member"] = path.Member;
            json["scope"] = publication.Scope.ToHex();
            json["amount"] = AmountText.Format(path.Units, publication.Body.Decimals);
            await Printer.JsonAsync(json);
            return ExitCode.Done;
        }

        await Console.Out.WriteLineAsync(
            Invariant($"Counted: {path.Member} of {publication.Tenant} with {Amount(publication, path.Units)}, of ")
            + Invariant($"{Amount(publication, publication.Body.Total.Units)} in all at position {publication.Body.Position}. ")
            + Invariant($"Published {publication.Body.PublishedAt:u} by {publication.Body.By}, at position {publication.At} ")
            + $"of {checkpoint.Origin}.");
        await Console.Out.WriteLineAsync($"Everybody should be shown this root of it: {publication.PublicLine}");
        return ExitCode.Done;
    }

    private static JsonObject Json(LiabilityPublication publication, bool isNew)
    {
        var json = Json(publication);
        json["isNew"] = isNew;
        return json;
    }

    public static JsonObject Json(LiabilityPublication publication) => new()
    {
        ["appId"] = publication.Tenant,
        ["asset"] = publication.Body.Total.Asset.Code,
        ["total"] = AmountText.Format(publication.Body.Total.Units, publication.Body.Decimals),
        ["ofPosition"] = publication.Body.Position,
        ["leaves"] = 1L << publication.Body.Depth,
        ["root"] = publication.Body.Root,
        ["publishedAt"] = publication.Body.PublishedAt,
        ["by"] = publication.Body.By,
        ["atPosition"] = publication.At,
    };

    public static string Amount(LiabilityPublication publication, UInt128 units) =>
        $"{AmountText.Format(units, publication.Body.Decimals)} {publication.Body.Total.Asset}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
