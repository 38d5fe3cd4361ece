using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Liabilities;
using FiberLink.Crypto.Sealing;
using FiberLink.Events.Money;
using FiberLink.Projections.Communities;
using FiberLink.Service.Audit;
using FiberLink.Service.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit liabilities</c>: what the hub says that it owes, and each member's proof that he is in it.</summary>
internal static class AuditLiabilitiesCommands
{
    private const string Extension = "liability-proof";
    private const long FileLengthMax = 1 << 20;

    public static Command Build(SharedOptions shared) => new(
        "liabilities",
        """
        Publish in the log what members have in all, as the root of a tree over their balances, and show each member that his own is in it.
        A member who checks knows that he was counted; that the hub has as much, nobody knows by it.
        """)
    {
        BuildPublish(shared), BuildProve(shared), BuildCheck(shared), BuildList(shared),
    };

    private static Command BuildPublish(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community. [default: each, with a root of its own]" };
        var asset = AssetOption("Only this asset.");
        var by = new Option<string>("--by") { Description = "Who publishes it; it is kept.", Required = true };
        var asOf = Points.AsOf();
        var command = new Command(
            "publish",
            """
            Publish what members have, in an event. What was published already is not published again, and nothing earlier can be published
            after something later: whoever wants to show what was owed yesterday as well publishes that first, with --as-of.
            """)
        {
            app, asset, by, asOf,
        };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var publishing = tools.Services.GetRequiredService<LiabilityPublishing>();
            var point = await Points.FindAsync(tools.Services.GetRequiredService<LedgerBooks>(), parsed.GetValue(asOf), ct);
            var answers = new List<LiabilityAnswer>();
            foreach (var (tenant, of) in await WhatAsync(tools, parsed.GetValue(app), parsed.GetValue(asset), ct))
            {
                answers.Add(await publishing.PublishAsync(tenant, of, point.Position, parsed.GetValue(by)!.Trim(), ct));
            }

            return await AuditLiabilitiesPrinter.SayAsync(answers, parsed.GetValue(shared.Json));
        });
        return command;
    }

    private static Command BuildProve(SharedOptions shared)
    {
        var app = new Argument<string>("app") { Description = "The community." };
        var member = new Argument<string>("member") { Description = "The member." };
        var asset = AssetOption("The asset. [default: CKB]");
        var position = new Option<long?>("--position")
        {
            Description = "The publication of what members had at this position, OF POSITION in 'list'. [default: the newest]",
        };
        var output = new Option<string?>("--out") { Description = $"The file. [default: a name ending in .{Extension}; - prints it]" };
        var command = new Command(
            "prove",
            """
            Write a file that shows a member that his balance is in what was published. It is for him: it tells what he has, and sums of
            what others have, which at the lowest level is one other's balance.
            """)
        {
            app, member, asset, position, output,
        };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var (tenant, who, of) = (parsed.GetValue(app)!, parsed.GetValue(member)!, parsed.GetValue(asset) ?? Asset.Ckb);
            var publishing = tools.Services.GetRequiredService<LiabilityPublishing>();
            var publication = (await publishing.ListAsync(tenant, ct)).LastOrDefault(
                p => p.Body.Total.Asset == of && (parsed.GetValue(position) ?? p.Body.Position) == p.Body.Position)
                ?? throw new CommandFailedException(
                    ExitCode.Refused, $"No such publication of {of} in '{tenant}': 'audit liabilities list' has all.");
            var path = (await publishing.TreeAsync(publication, ct)).PathOf(who)
                ?? throw new CommandFailedException(
                    ExitCode.Refused,
                    Invariant($"{who} had nothing in {of} at position {publication.Body.Position}, and so is not in what was published."));
            var proof = new LiabilityProof(path, await tools.ProveAsync(publication.At, ct));
            return await AuditTools.WriteAsync(
                proof.ToString(),
                parsed.GetValue(output) ?? Invariant($"liability-{publication.Body.Position}.{Extension}"),
                Invariant($"{AuditLiabilitiesPrinter.Amount(publication, path.Units)} of {who}, published at position {publication.At}"),
                ct);
        });
        return command;
    }

    private static Command BuildCheck(SharedOptions shared)
    {
        var file = new Argument<string>("file") { Description = "What 'prove' wrote." };
        var key = new Option<string[]>("--key")
        {
            Description = "A key that you trust, or a file with it; may be said several times.", Required = true,
        };
        var command = new Command("check", "Check a member's proof. It needs no database and no network.") { file, key };
        command.SetAction(async (parsed, ct) =>
        {
            NoteKey[] keys = [.. parsed.GetValue(key)!.Select(AuditTools.ReadKey)];
            var name = parsed.GetValue(file)!;
            if (new FileInfo(name).Length > FileLengthMax || !LiabilityProof.TryParse(await File.ReadAllTextAsync(name, ct), out var proof))
            {
                throw new CommandFailedException(
                    ExitCode.Refused, $"'{name}' is no proof of a liability, or it was changed. 'audit check' checks receipts.");
            }

            return LiabilityCheck.Check(proof, keys) switch
            {
                LiabilityVerdict.Counted counted =>
                    await AuditLiabilitiesPrinter.SayAsync(proof.Path, counted, parsed.GetValue(shared.Json)),
                LiabilityVerdict.Worthless(var because) =>
                    throw new CommandFailedException(ExitCode.Refused, $"It shows nothing: {because}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        });
        return command;
    }

    private static Command BuildList(SharedOptions shared)
    {
        var app = new Option<string?>("--app") { Description = "Only this community." };
        var command = new Command("list", "List what was published.") { app };
        command.SetAction(async (parsed, ct) =>
        {
            await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
            var all = await tools.Services.GetRequiredService<LiabilityPublishing>().ListAsync(parsed.GetValue(app), ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(new JsonArray([.. all.Select(p => (JsonNode)AuditLiabilitiesPrinter.Json(p))]))
                : Printer.TableAsync(
                    ["APP", "OF POSITION", "TOTAL", "LEAVES", "ROOT", "PUBLISHED", "BY", "AT POSITION"],
                    [.. all.Select(p => (IReadOnlyList<string>)
                    [
                        p.Tenant, Invariant($"{p.Body.Position}"), AuditLiabilitiesPrinter.Amount(p, p.Body.Total.Units),
                        Invariant($"{1L << p.Body.Depth}"), p.Body.Root[..18],
                        Invariant($"{p.Body.PublishedAt:u}"), p.Body.By, Invariant($"{p.At}"),
                    ])]));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<Asset?> AssetOption(string description) => new("--asset")
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (Asset.IsCode(text))
            {
                return new Asset(text);
            }

            result.AddError($"--asset: '{text}' is no asset's code.");
            return null;
        },
    };

    // Without a word of which, everything that has ever been moved.
    private static async Task<IReadOnlyList<(string Tenant, Asset Asset)>> WhatAsync(
        AuditTools tools, string? app, Asset? asset, CancellationToken ct)
    {
        if (app is not null)
        {
            await NodeTools.RequireAppAsync(tools.Services, app, ct);
        }

        string[] tenants = app is not null
            ? [app]
            : [.. (await tools.Services.GetRequiredService<CommunitiesQuery>().ListAsync(ct)).Select(c => c.AppId)];
        var books = tools.Services.GetRequiredService<Projections.AccountBalances.AccountBalancesQuery>();
        var all = new List<(string, Asset)>();
        foreach (var tenant in tenants)
        {
            all.AddRange(asset is { } one
                ? [(tenant, one)]
                : (await books.OfCommunityAsync(tenant, ct)).Select(b => b.Asset).Distinct().Select(a => (tenant, a)));
        }

        return all.Count > 0
            ? all
            : throw new CommandFailedException(ExitCode.Refused, "Nothing was ever moved: there is nothing to publish.");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
