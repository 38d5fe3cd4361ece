using System.CommandLine;
using FiberLink.Benchmarks;

var clients = new Option<int>("--clients") { Description = "Callers at once.", DefaultValueFactory = _ => 8 };
var seconds = new Option<int>("--seconds") { Description = "How long each row runs.", DefaultValueFactory = _ => 10 };
var tips = new Command("tips", "Signed tip.create, tip.status and settled tips per second, against the sandbox node.") { clients, seconds };
tips.SetAction((parsed, ct) => TipsBenchmark.RunAsync(parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)), ct));

return await new RootCommand("FiberLink's benchmarks.") { tips }.Parse(args).InvokeAsync();
