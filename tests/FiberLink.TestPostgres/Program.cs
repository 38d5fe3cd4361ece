// The server that ./test shares among all test projects. It outlives this program; `stop` ends it and removes its data.
using FiberLink.Postgres;

try
{
    switch (args)
    {
        case ["start", var directory]:
            var server = await PrivatePostgres.StartAsync(
                new PrivatePostgresOptions
                {
                    Directory = directory,
                    Durability = Durability.Fast,
                    Fresh = true,
                    Log = new StandardError(),
                },
                CancellationToken.None);
            Console.WriteLine(server.ConnectionString("postgres"));
            return 0;

        case ["stop", var directory]:
            await PrivatePostgres.RemoveAsync(directory, CancellationToken.None);
            return 0;

        default:
            await Console.Error.WriteLineAsync("usage: start <directory> | stop <directory>");
            return 2;
    }
}
catch (Exception e) when (e is PostgresIsMissingException or PrivatePostgresException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

internal sealed class StandardError : IProgress<string>
{
    public void Report(string value) => Console.Error.WriteLine(value);
}
