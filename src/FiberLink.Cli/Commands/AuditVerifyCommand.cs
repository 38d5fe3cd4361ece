using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.EventStore.Sealing;
using FiberLink.Projections;
using FiberLink.Service.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit verify</c>: recomputes everything from the rows.</summary>
internal static class AuditVerifyCommand
{
    public static Command Build(SharedOptions shared)
    {
        var key = new Option<string?>("--key")
        {
            Description = "The log's first key, or a later one, as you got it by another way: a line, or a file. Without it the log's own "
                + "list is believed.",
        };
        var state = new Option<string?>("--state")
        {
            Description = "A file of your own with the newest checkpoint that you have seen. It is compared, and replaced when all is "
                + "well; it is made when it isn't there. Without it nobody can tell that the end of the log was cut off, checkpoints and "
                + "all.",
        };
        var logOnly = new Option<bool>("--log-only") { Description = "Leave out the read models; balances are compared all the same." };
        var command = new Command(
            "verify",
            """
            Recompute every hash and every node of the log's tree from its rows; check positions, versions, signatures, that postings sum to
            zero, that balances are the sums of their postings, and that read models are what the log gives. Nothing is changed, and the
            service may run. Exit code 1 when anything is not as it should be; each finding says where.
            """) { key, state, logOnly };
        command.SetAction((parsed, ct) => RunAsync(
            shared, parsed, parsed.GetValue(key), parsed.GetValue(state), parsed.GetValue(logOnly), ct));
        return command;
    }

    private static async Task<int> RunAsync(
        SharedOptions shared, ParseResult parsed, string? key, string? state, bool logOnly, CancellationToken ct)
    {
        var isJson = parsed.GetValue(shared.Json);
        await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
        var options = new VerifyLogOptions(
            tools.Settings.Origin, key is null ? null : AuditTools.ReadKey(key), Seen(state, tools.Settings.Origin), new BookInspection());
        var started = TimeProvider.System.GetTimestamp();
        var bar = isJson ? null : new VerifyBar(TimeProvider.System);
        var verified = await new LogVerification(tools.Database, tools.Services.GetRequiredService<EventCatalogue>())
            .RunAsync(options, bar, ct);
        bar?.End();
        var took = TimeProvider.System.GetElapsedTime(started);
        var findings = verified.Findings.ToList();
        if (!logOnly)
        {
            findings.AddRange(await ReadModelsAsync(tools, isJson, ct));
        }

        if (findings.Count == 0 && state is not null && verified.Last is { } last)
        {
            await WriteStateAsync(state, last.Note, ct);
        }

        await (isJson ? Printer.JsonAsync(Json(verified, findings, took)) : SayAsync(verified, findings, took, key is not null));
        return findings.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static TreeHead? Seen(string? state, string origin)
    {
        if (state is null || !File.Exists(state))
        {
            return null;
        }

        var (_, says) = AuditTools.ReadCheckpoint(state);
        return says.Origin == origin
            ? new(says.Size, says.Root)
            : throw new CommandFailedException(ExitCode.Usage, $"'{state}' is about {says.Origin}, and this log is {origin}.");
    }

    // Whole or not at all: a state that is half written would make the next run fail.
    private static async Task WriteStateAsync(string state, string note, CancellationToken ct)
    {
        await File.WriteAllTextAsync($"{state}.next", note, ct);
        File.Move($"{state}.next", state, overwrite: true);
    }

    private static async Task<IReadOnlyList<SealFinding>> ReadModelsAsync(AuditTools tools, bool isJson, CancellationToken ct)
    {
        var findings = new List<SealFinding>();
        var verification = new ProjectionVerification(
            tools.Database, tools.Services.GetRequiredService<IEventStore>(), TimeProvider.System);
        foreach (ReadModel model in ReadModels.All)
        {
            var outcome = await verification.RunAsync(model, new(), isJson ? null : new RebuildLines(TimeProvider.System), ct);
            if (outcome is VerifyOutcome.Compared { IsSame: true })
            {
                continue;
            }

            var rows = outcome is VerifyOutcome.Compared compared
                ? string.Concat(compared.Tables.SelectMany(t => t.Differences.Select(d => $" {t.Table}: {d.Key}: {d.Kind};")))
                : $" {outcome.GetType().Name}";
            findings.Add(new(
                SealFindingKind.ReadModelWrong,
                null,
                $"Read model {model.Projection.Name} is not what the log gives:{rows.TrimEnd(';')}."));
        }

        return findings;
    }

    private static async Task SayAsync(VerifiedLog verified, List<SealFinding> findings, TimeSpan took, bool hasKey)
    {
        foreach (var finding in findings)
        {
            await Console.Out.WriteLineAsync($"{finding.Kind}: {finding.Text}");
        }

        string Seconds() => took.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
        string Rate() => (verified.Events / took.TotalSeconds).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
        var events = FormattableString.Invariant(
            $"{verified.Events} events, {verified.Tree.Size} sealed, {verified.Checkpoints} checkpoints, {Seconds()} s, {Rate()} a second");
        await Console.Out.WriteLineAsync(findings.Count == 0 ? $"The log is whole: {events}." : $"THE LOG IS NOT WHOLE: {events}.");
        if (!hasKey && verified.Checkpoints > 0)
        {
            await Console.Out.WriteLineAsync("The log's own list of keys was believed; say --key with the key that you were given.");
        }
    }

    private static JsonObject Json(VerifiedLog verified, List<SealFinding> findings, TimeSpan took) => new()
    {
        ["isWhole"] = findings.Count == 0,
        ["events"] = verified.Events,
        ["sealed"] = verified.Tree.Size,
        ["checkpoints"] = verified.Checkpoints,
        ["lastCheckpoint"] = verified.Last?.Head.Size,
        ["seconds"] = took.TotalSeconds,
        ["findings"] = new JsonArray([.. findings.Select(f => (JsonNode)new JsonObject
        {
            ["kind"] = f.Kind.ToString(), ["position"] = f.Position, ["text"] = f.Text,
        })]),
    };
}
