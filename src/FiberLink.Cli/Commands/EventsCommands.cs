using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.EventStore;
using FiberLink.Postgres;
using FiberLink.Service;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>events</c>: the log, as it is stored.</summary>
internal static class EventsCommands
{
    private const int PageMax = 500;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromSeconds(1);

    public static Command Build(SharedOptions shared)
    {
        var id = new Argument<string>("id") { Description = "A stream's key (tip-0199…), a tip's id, or its invoice." };
        var app = new Option<string?>("--app") { Description = "The community, when several have a stream of that key." };
        var stream = new Command(
            "stream", "Tell a stream's story: its events in order, a line for each with its main facts. --json has all that is stored.")
        {
            id, app,
        };
        stream.SetAction((parsed, ct) => StreamAsync(shared, parsed, parsed.GetValue(id)!, parsed.GetValue(app), ct));

        var from = new Option<long>("--from") { Description = "Begin after this position.", DefaultValueFactory = _ => 0 };
        var follow = new Option<bool>("--follow") { Description = "Go on with what is appended, until Ctrl-C." };
        var tail = new Command(
            "tail", "Print the log in its order, a line for each event with its main facts. --json has all that is stored.")
        {
            from, follow,
        };
        tail.SetAction((parsed, ct) => TailAsync(shared, parsed, parsed.GetValue(from), parsed.GetValue(follow), ct));
        return new Command("events", "The log.") { stream, tail, EventsReplayCommand.Build(shared) };
    }

    private static async Task<int> StreamAsync(SharedOptions shared, ParseResult parsed, string id, string? app, CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var found = await StreamFinder.FindAsync(tools.GetRequiredService<NpgsqlDataSource>(), id, app, ct);
        if (found is not [var streamId])
        {
            throw new CommandFailedException(
                ExitCode.Refused,
                found.Count == 0
                    ? $"There is no stream, tip or invoice '{id}'{(app is null ? "" : $" in {app}")}."
                    : $"Several communities have a stream '{id}': name one with --app ({string.Join(", ", found.Select(s => s.Tenant))}).");
        }

        var story = await tools.GetRequiredService<IEventStore>().ReadStreamAsync(streamId, ct);
        await PrintAsync(tools, story.Events, parsed.GetValue(shared.Json), withStream: false);

        return ExitCode.Done;
    }

    private static async Task<int> TailAsync(SharedOptions shared, ParseResult parsed, long from, bool follow, CancellationToken ct)
    {
        if (from < 0)
        {
            throw new CommandFailedException(ExitCode.Usage, "--from takes 0 or a position in the log.");
        }

        await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
        var store = tools.GetRequiredService<IEventStore>();
        var wake = new WakeSignal();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var listening = follow
            ? new Notifications(tools.GetRequiredService<NpgsqlDataSource>(), TimeProvider.System)
                .RunAsync(PostgresEventStore.Channel, wake.Set, stop.Token)
            : Task.CompletedTask;
        try
        {
            while (true)
            {
                var page = await store.ReadLogAsync(from, PageMax, ct);
                await PrintAsync(tools, page, parsed.GetValue(shared.Json), withStream: true);
                from = page.Count == 0 ? from : page[^1].Position;

                if (page.Count == PageMax)
                {
                    continue;
                }

                if (!follow)
                {
                    return ExitCode.Done;
                }

                await wake.WaitAsync(FollowInterval, TimeProvider.System, ct);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await listening;
        }
    }

    private static async Task PrintAsync(
        IServiceProvider tools, IReadOnlyList<RecordedEvent> events, bool asJson, bool withStream)
    {
        var (catalogue, assets) = (tools.GetRequiredService<EventCatalogue>(), tools.GetRequiredService<AssetSettings>());
        var facts = new EventFacts((asset, units) => $"{assets.Format(asset, units)} {asset}");
        foreach (var @event in events)
        {
            var body = JsonNode.Parse(catalogue.Write(@event.Body).Body)!;
            await (asJson ? Printer.JsonLineAsync(Json(@event, body)) : Console.Out.WriteLineAsync(Line(@event, body, facts, withStream)));
        }
    }

    private static string Line(RecordedEvent @event, JsonNode body, EventFacts facts, bool withStream) =>
        string.Create(
            CultureInfo.InvariantCulture, $"{@event.Position,8}  {@event.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}  {@event.Name}")
        + (withStream ? $"  {@event.Stream}" : "")
        + (facts.Of(body, @event.Stream.Key, @event.At) is { Length: > 0 } told ? $"  {told}" : "")
        + (@event.Metadata.Actor is { } actor ? $"  by {actor}" : "");

    private static JsonObject Json(RecordedEvent @event, JsonNode body) => new()
    {
        ["position"] = @event.Position,
        ["app"] = @event.Stream.Tenant,
        ["stream"] = @event.Stream.Key,
        ["version"] = @event.Version,
        ["id"] = @event.Id,
        ["name"] = @event.Name,
        ["at"] = @event.At,
        ["actor"] = @event.Metadata.Actor,
        ["correlationId"] = @event.Metadata.CorrelationId,
        ["causationId"] = @event.Metadata.CausationId,
        ["traceParent"] = @event.Metadata.TraceParent,
        ["body"] = body,
    };
}
