using System.CommandLine;
using System.Globalization;
using FiberLink.Benchmarks;
using FiberLink.Benchmarks.Log;
using FiberLink.Benchmarks.Messages;
using FiberLink.Benchmarks.Settlements;

if (args is [FirstAppend.Word, var database])
{
    return await FirstAppend.RunAsync(database, CancellationToken.None);
}

var seconds = new Option<int>("--seconds") { Description = "How long each row runs.", DefaultValueFactory = _ => 10 };
var clients = new Option<int>("--clients") { Description = "Callers at once.", DefaultValueFactory = _ => 8 };
var tips = new Command("tips", "Signed tip.create, tip.status and settled tips per second, against the sandbox node.") { clients, seconds };
tips.SetAction((parsed, ct) => TipsBenchmark.RunAsync(parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)), ct));

var writers = new Option<int[]>("--writers")
{
    Description = "How many write at once, with commas between: a row for each.",
    DefaultValueFactory = _ => [1, 8, 32],
    CustomParser = parsed => [.. List(parsed.Tokens).Select(w => int.Parse(w, CultureInfo.InvariantCulture))],
};
var events = new Option<int>("--events")
{
    Description = "How many events the log has in it before appends are measured.",
    DefaultValueFactory = _ => 10_000,
};
var rebuilt = new Option<int>("--rebuild-events")
{
    Description = "How many events are rebuilt from.",
    DefaultValueFactory = _ => 200_000,
};
var only = Only("--only", [.. LogBenchmark.SectionNames]);
var log = new Command("log", "The event store, each figure beside pgbench's on the same server.")
{
    seconds, writers, events, rebuilt, only,
};
log.SetAction((parsed, ct) => LogBenchmark.RunAsync(Options(parsed), Console.Out, ct));

var sizes = new Option<int[]>("--sizes")
{
    Description = "How many events the log is filled up to, with commas between.",
    DefaultValueFactory = _ => [10_000, 1_000_000, 10_000_000],
    CustomParser = parsed => [.. List(parsed.Tokens).Select(s => int.Parse(s, CultureInfo.InvariantCulture))],
};
var growth = new Command("growth", "Appends, decisions and loads while the log grows.") { seconds, writers, sizes };
growth.SetAction((parsed, ct) => GrowthBenchmark.RunAsync(parsed.GetValue(sizes)!, Options(parsed), Console.Out, ct));

var codec = new Command("codec", "Reading, writing and signing invoices, on one core.") { seconds };
codec.SetAction((parsed, ct) => CodecBenchmark.RunAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), Console.Out, ct));

var open = new Option<int[]>("--open")
{
    Description = "How many invoices are open, with commas between: a row for each.",
    DefaultValueFactory = _ => [100, 10_000, 1_000_000],
    CustomParser = parsed => [.. List(parsed.Tokens).Select(s => int.Parse(s, CultureInfo.InvariantCulture))],
};
var perSecond = new Option<int>("--tips") { Description = "Tips made and paid in a second; 0 for none.", DefaultValueFactory = _ => 200 };
var settlements = new Command("settlements", "How soon payments are found, and what watching open invoices costs.")
{
    perSecond, seconds, open,
};
settlements.SetAction((parsed, ct) =>
    SettlementsBenchmark.RunAsync(parsed.GetValue(perSecond), parsed.GetValue(open)!, TimeSpan.FromSeconds(parsed.GetValue(seconds)), ct));

var backlogs = new Option<int[]>("--backlogs")
{
    Description = "How many messages wait beside those that are measured, with commas between.",
    DefaultValueFactory = _ => [10_000, 1_000_000],
    CustomParser = parsed => [.. List(parsed.Tokens).Select(s => int.Parse(s, CultureInfo.InvariantCulture))],
};
var parts = Only("--only", MessagesBenchmark.SectionNames);
var messages = new Command("messages", "Messages from a commit to their effect.") { seconds, writers, backlogs, parts };
messages.SetAction((parsed, ct) => MessagesBenchmark.RunAsync(
    new(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(writers)!, 0, 0, parsed.GetValue(parts)!),
    parsed.GetValue(backlogs)!,
    Console.Out,
    ct));

return await new RootCommand("FiberLink's benchmarks.") { tips, log, growth, codec, settlements, messages }.Parse(args).InvokeAsync();

LogOptions Options(ParseResult parsed) => new(
    TimeSpan.FromSeconds(parsed.GetValue(seconds)),
    parsed.GetValue(writers)!,
    parsed.GetValue(events),
    parsed.GetValue(rebuilt),
    parsed.GetValue(only)!);

static IEnumerable<string> List(IEnumerable<System.CommandLine.Parsing.Token> tokens) => tokens.SelectMany(t => t.Value.Split(','));

static Option<string[]> Only(string name, IReadOnlyList<string> sections)
{
    var only = new Option<string[]>(name)
    {
        Description = $"Some of the sections alone, with commas between: {string.Join(", ", sections)}.",
        DefaultValueFactory = _ => [.. sections],
        CustomParser = parsed => [.. List(parsed.Tokens)],
    };
    only.Validators.Add(parsed =>
    {
        foreach (var unknown in List(parsed.Tokens).Except(sections, StringComparer.Ordinal))
        {
            parsed.AddError($"There is no section {unknown}.");
        }
    });
    return only;
}
