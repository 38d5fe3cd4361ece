// A process that appends to a log until its standard input ends, or until it is killed: what it said by then must be so.
using System.Globalization;
using System.Text;
using FiberLink.LogWriter;
using Npgsql;

if (args is not [var connectionString, var seed, var callers, var changesEach, var prefix])
{
    await Console.Error.WriteLineAsync("usage: <connection string> <seed> <callers> <changes of each> <prefix of streams>");
    return 2;
}

var address = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = WriterLog.SessionName };
await using var database = NpgsqlDataSource.Create(address);
await using var output = Console.OpenStandardOutput();
var gate = new Lock();
// The asynchronous reads of a console wait like the others.
var asked = Task.Run(Console.In.ReadToEnd);
await using (var store = WriterLog.Open(database))
{
    await new Writer(store, Say).RunAsync(Number(seed), Number(callers), Number(changesEach), prefix, () => asked.IsCompleted);
}

return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

// A line is with the system when this returns, so it is heard even if we are killed at once.
void Say(Report report)
{
    var line = Encoding.UTF8.GetBytes($"{report}\n");
    lock (gate)
    {
        output.Write(line);
        output.Flush();
    }
}
