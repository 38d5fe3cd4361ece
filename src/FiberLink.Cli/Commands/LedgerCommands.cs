using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>ledger</c>: the books of a community, now or as they were.</summary>
internal static class LedgerCommands
{
    private const string Signs =
        """


        Signs are the books': what the hub owes is positive, what it has is negative. All accounts of an asset sum to zero.
        """;

    private static readonly string[] EntryHead =
        ["POSITION", "TIME (UTC)", "ACCOUNT", "MEMBER", "AMOUNT", "BALANCE", "ASSET", "EVENT", "STREAM"];

    public static Command Build(SharedOptions shared) =>
        new("ledger", "The books: postings, statements, trial balances, now or as of any point of the log.")
        {
            BuildEntries(shared), BuildStatement(shared), BuildTrialBalance(shared),
        };

    private static Command BuildEntries(SharedOptions shared)
    {
        var app = App();
        var member = new Option<string?>("--member") { Description = "Only this member's accounts." };
        var account = new Option<Account?>("--account")
        {
            Description = $"Only this account: {string.Join(", ", Enum.GetNames<Account>())}.",
            CustomParser = ReadAccount,
        };
        var limit = new Option<int>("--limit") { Description = "How many at most, the latest ones.", DefaultValueFactory = _ => 100 };
        var asOf = Points.AsOf();
        var command = new Command(
            "entries", "Print the latest postings, in the log's order, each with its account's balance after it." + Signs)
        {
            app, member, account, limit, asOf,
        };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(limit) < 1)
            {
                throw new CommandFailedException(ExitCode.Usage, "--limit takes 1 or more.");
            }

            return await WithBooksAsync(shared, parsed, parsed.GetValue(app)!, parsed.GetValue(asOf), async (books, assets, point, _) =>
            {
                var filter = new LedgerFilter(parsed.GetValue(app)!, 0, point.Position)
                {
                    Member = parsed.GetValue(member), Account = parsed.GetValue(account),
                };
                await PrintAsync(shared, parsed, books.EntriesAsync(filter, parsed.GetValue(limit), ct), assets);
                return ExitCode.Done;
            }, ct);
        });
        return command;
    }

    private static Command BuildStatement(SharedOptions shared)
    {
        var app = App();
        var member = new Argument<string>("member") { Description = "The member." };
        var from = new Option<long>("--from") { Description = "Begin after this position of the log.", DefaultValueFactory = _ => 0 };
        var asOf = Points.AsOf();
        var command = new Command(
            "statement",
            """
            Tell what a member's balance is made of: where it began, every posting and why it was made, and where it ended. AVAILABLE and
            HELD are what he could withdraw and what his withdrawals held once that was posted. What was never credited has no posting:
            'tips list --app … --member …' lists every tip, 'tips show', 'withdrawals show' and 'adjust show' tell the story of a STREAM.
            """ + Signs)
        {
            app, member, from, asOf,
        };
        command.SetAction((parsed, ct) => WithBooksAsync(
            shared, parsed, parsed.GetValue(app)!, parsed.GetValue(asOf), async (books, assets, point, reasons) =>
            {
                var (tenant, who, after) = (parsed.GetValue(app)!, parsed.GetValue(member)!, parsed.GetValue(from));
                if (after < 0 || after > point.Position)
                {
                    throw new CommandFailedException(ExitCode.Usage, $"--from takes 0 to {point.Position}.");
                }

                var opening = await books.BalancesAsync(tenant, who, after, ct);
                var closing = await books.BalancesAsync(tenant, who, point.Position, ct);
                var entries = reasons.ExplainAsync(
                    tenant, books.EntriesAsync(new(tenant, after, point.Position) { Member = who }, null, ct), ct);
                var printer = new StatementPrinter(opening, assets);
                if (parsed.GetValue(shared.Json))
                {
                    await Printer.JsonLineAsync(new JsonObject { ["opening"] = LedgerPrinter.Json(opening, assets), ["after"] = after });
                    await printer.JsonLinesAsync(entries);
                    await Printer.JsonLineAsync(
                        new JsonObject { ["closing"] = LedgerPrinter.Json(closing, assets), ["asOf"] = Points.Json(point) });
                    return ExitCode.Done;
                }

                await LedgerPrinter.SayAsync($"Opening, after position {after}", opening, assets);
                await printer.TableAsync(entries);
                await LedgerPrinter.SayAsync($"Closing, as of {Points.Text(point)}", closing, assets);
                return ExitCode.Done;
            },
            ct));
        return command;
    }

    private static Command BuildTrialBalance(SharedOptions shared)
    {
        var app = App();
        var asOf = Points.AsOf();
        var command = new Command(
            "trial-balance",
            "Add up each account of a community. Exit code 1 when an asset does not sum to zero, which never is the case." + Signs)
        {
            app, asOf,
        };
        command.SetAction((parsed, ct) => WithBooksAsync(
            shared, parsed, parsed.GetValue(app)!, parsed.GetValue(asOf), async (books, assets, point, _) =>
            {
                var balances = await books.BalancesAsync(parsed.GetValue(app)!, null, point.Position, ct);
                var trial = new TrialBalance(balances);
                if (parsed.GetValue(shared.Json))
                {
                    var json = LedgerPrinter.Json(trial, assets);
                    json.Insert(0, "appId", parsed.GetValue(app));
                    json.Insert(1, "asOf", Points.Json(point));
                    await Printer.JsonAsync(json);
                }
                else
                {
                    await Console.Out.WriteLineAsync($"As of {Points.Text(point)}:");
                    await LedgerPrinter.TableAsync(trial, assets);
                }

                return trial.IsBalanced ? ExitCode.Done : ExitCode.Refused;
            },
            ct));
        return command;
    }

    private static Argument<string> App() => new("app") { Description = "The community." };

    private static Account? ReadAccount(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        if (Enum.GetNames<Account>().FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name)
        {
            return Enum.Parse<Account>(name);
        }

        result.AddError($"--account: there is no account '{text}'; there are {string.Join(", ", Enum.GetNames<Account>())}.");
        return null;
    }

    private static async Task<int> WithBooksAsync(
        SharedOptions shared,
        ParseResult parsed,
        string app,
        LogPoint? asOf,
        Func<LedgerBooks, AssetSettings, LedgerPoint, LedgerReasons, Task<int>> act,
        CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        await NodeTools.RequireAppAsync(tools, app, ct);
        var books = tools.GetRequiredService<LedgerBooks>();
        return await act(
            books,
            tools.GetRequiredService<AssetSettings>(),
            await Points.FindAsync(books, asOf, ct),
            tools.GetRequiredService<LedgerReasons>());
    }

    private static async Task PrintAsync(
        SharedOptions shared, ParseResult parsed, IAsyncEnumerable<LedgerEntry> entries, AssetSettings assets)
    {
        var rows = new List<IReadOnlyList<string>>();
        await foreach (var entry in entries)
        {
            if (parsed.GetValue(shared.Json))
            {
                await Printer.JsonLineAsync(LedgerPrinter.Json(entry, assets));
                continue;
            }

            rows.Add(
            [
                $"{entry.Position}", $"{entry.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}", entry.Account.ToString(), entry.Member ?? "-",
                assets.Format(entry.Asset, entry.Units), assets.Format(entry.Asset, entry.Balance), entry.Asset.Code, entry.Event,
                entry.Stream,
            ]);
        }

        if (rows.Count > 0)
        {
            await Printer.TableAsync(EntryHead, rows);
        }
    }
}
