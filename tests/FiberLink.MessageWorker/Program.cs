// A process that commits messages and handles them until its standard input ends, or until it is killed. Told "quiet" it commits no
// more; told "go" it lets go of what it holds.
using System.Globalization;
using System.Text;
using FiberLink.MessageWorker;
using FiberLink.Messaging;
using FiberLink.Postgres;
using Npgsql;

if (args is not [var connectionString, var name, var seed, var producers, "hold" or "pass"])
{
    await Console.Error.WriteLineAsync("usage: <connection string> <name> <seed> <producers> hold|pass");
    return 2;
}

var number = int.Parse(seed, CultureInfo.InvariantCulture);
await using var output = Console.OpenStandardOutput();
var gate = new Lock();
using var quiet = new CancellationTokenSource();
using var stop = new CancellationTokenSource();
var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

// The asynchronous reads of a console wait like the others.
var orders = Task.Run(() =>
{
    while (Console.In.ReadLine() is { } order)
    {
        if (order == "quiet")
        {
            quiet.Cancel();
        }
        else
        {
            goOn.TrySetResult();
        }
    }
});

await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = name });
await using var store = Letters.Open(database);
var queue = new MessageQueue(database, TimeProvider.System);
MessageDispatcher? dispatcher = null;
var handler = new LetterHandler(store, Wake, name, number, args[4] == "hold" ? goOn.Task : null, Say);
var handlers = new HandlerList().On(
    Letters.Type,
    new()
    {
        Retries = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), 1_000),
        TimeLimit = TimeSpan.FromMinutes(5),
    }).By(handler.Handle);
dispatcher = new(
    queue,
    new MessageRouter(queue, handlers),
    name,
    new(),
    TimeProvider.System,
    new StandardError(),
    new Notifications(database, TimeProvider.System));
var dispatching = dispatcher.RunAsync(stop.Token);
var producing = new Producers(store, Wake, name).RunAsync(number, int.Parse(producers, CultureInfo.InvariantCulture), quiet.Token);
await orders;
await quiet.CancelAsync();
await producing;
await stop.CancelAsync();
try
{
    await dispatching;
}
catch (OperationCanceledException)
{
    // As asked.
}

return 0;

void Wake() => dispatcher?.Wake();

// A line is with the system when this returns, so it is heard even if we are killed at once.
void Say(string text)
{
    var line = Encoding.UTF8.GetBytes($"{text}\n");
    lock (gate)
    {
        output.Write(line);
        output.Flush();
    }
}
