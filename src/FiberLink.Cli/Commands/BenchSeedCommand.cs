using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FiberLink.Cli.Output;
using FiberLink.Cli.Seeding;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Service;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>bench</c>: a log of any size to try operators' commands on.</summary>
internal static partial class BenchSeedCommand
{
    private const int EventsAtOnce = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Build(SharedOptions shared)
    {
        var into = new Option<string>("--into")
        {
            Description = "The name of the database to make, on the same server; it must not be there yet.",
            Required = true,
        };
        var events = new Option<long>("--events") { Description = "About how many events.", DefaultValueFactory = _ => 1_000_000 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed makes the same log.", DefaultValueFactory = _ => 1 };
        var communities = new Option<int>("--communities") { Description = "How many, 1 to 1,000.", DefaultValueFactory = _ => 3 };
        var members = new Option<int>("--members") { Description = "How many in each, 2 to 1,000,000.", DefaultValueFactory = _ => 1_000 };
        var command = new Command(
            "seed",
            """
            Make a database with a long log in it: tips that are paid or expire, withdrawals over Fiber. Nothing in it is real, and no
            other database is touched. Point FIBERLINK_DATABASE at it, and drop it afterwards.
            """)
        {
            into, events, seed, communities, members,
        };
        command.SetAction((parsed, ct) =>
        {
            var wanted = new SeedWish(
                parsed.GetValue(into)!,
                parsed.GetValue(events),
                parsed.GetValue(seed),
                parsed.GetValue(communities),
                parsed.GetValue(members));
            return RunAsync(shared.HomeOf(parsed).ToolSettings(), Checked(wanted), parsed.GetValue(shared.Json), ct);
        });
        return new("bench", "Make what operators' commands can be tried on.") { command };
    }

    private static SeedWish Checked(SeedWish wish) =>
        !DatabaseName().IsMatch(wish.Into)
            ? throw new CommandFailedException(ExitCode.Usage, "--into: lower-case letters, digits and _, a letter first, 63 at most.")
        : wish.Events is < 1 or > 1_000_000_000
            ? throw new CommandFailedException(ExitCode.Usage, "--events takes 1 to 1,000,000,000.")
        : wish.Communities is < 1 or > 1_000
            ? throw new CommandFailedException(ExitCode.Usage, "--communities takes 1 to 1,000.")
        : wish.Members is < 2 or > 1_000_000
            ? throw new CommandFailedException(ExitCode.Usage, "--members takes 2 to 1,000,000.")
        : wish;

    private static async Task<int> RunAsync(ServiceSettings settings, SeedWish wish, bool asJson, CancellationToken ct)
    {
        await MakeAsync(settings.Database, wish.Into, ct);
        var place = new NpgsqlConnectionStringBuilder(settings.Database) { Database = wish.Into }.ConnectionString;
        await using var tools = ServiceHost.BuildTools(settings with { Database = place });
        await Migrations.ApplyAsync(tools.GetRequiredService<NpgsqlDataSource>(), Schema.Migrations, ct);
        var store = tools.GetRequiredService<IEventStore>();
        var history = new SeededHistory(wish.Seed, wish.Communities, wish.Members);
        var (time, written) = (TimeProvider.System, 0L);
        var (began, said) = (time.GetTimestamp(), time.GetTimestamp());
        while (written < wish.Events)
        {
            var change = history.Next((int)Math.Min(EventsAtOnce, wish.Events - written));
            if (await store.AppendAsync(change, ct) is not AppendResult.Appended appended)
            {
                throw new InvalidOperationException("A drawn history cannot be refused by a database of its own.");
            }

            written += appended.Events.Count;
            if (!asJson && time.GetElapsedTime(said) >= Interval)
            {
                said = time.GetTimestamp();
                await Console.Out.WriteLineAsync(Line(written, wish.Events, time.GetElapsedTime(began)));
            }
        }

        var took = time.GetElapsedTime(began);
        await (asJson
            ? Printer.JsonAsync(new JsonObject { ["database"] = wish.Into, ["events"] = written, ["seconds"] = took.TotalSeconds })
            : Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{wish.Into} has {written} events, made in {took.TotalSeconds:0.0} s, {written / took.TotalSeconds:0} a second. ")
                + "Its asynchronous read models are as yet empty: 'projections rebuild', or a service that runs on it, fills them."));
        return ExitCode.Done;
    }

    private static async Task MakeAsync(string server, string name, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(server);

        // The name has been looked at: it needs no quotes, and a parameter cannot name a database.
        await using var make = database.Command($"create database {name}");
        try
        {
            await make.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException there) when (there.SqlState is PostgresErrorCodes.DuplicateDatabase)
        {
            throw new CommandFailedException(ExitCode.Refused, $"--into: there is a database {name} already, and it is left alone.");
        }
        catch (PostgresException forbidden) when (forbidden.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new CommandFailedException(
                ExitCode.Refused, $"The server does not let this user make databases: {forbidden.MessageText}.");
        }
    }

    private static string Line(long written, long all, TimeSpan elapsed)
    {
        var rate = written / elapsed.TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture, $"{written} of {all} events, {rate:0} a second, {(all - written) / rate:0} s left");
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$")]
    private static partial Regex DatabaseName();

    private sealed record SeedWish(string Into, long Events, ulong Seed, int Communities, int Members);
}
