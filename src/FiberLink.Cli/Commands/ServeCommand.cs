using System.CommandLine;
using FiberLink.Postgres;
using FiberLink.Service;
using FiberLink.Service.Startup;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.Cli.Commands;

/// <summary><c>serve</c>: the service alone, on a database and a node that are there already.</summary>
internal static class ServeCommand
{
    public static Command Build(SharedOptions shared)
    {
        var command = new Command(
            "serve",
            $"""
            Run the service on a database and a Fiber node of your own.

            Settings come from environment variables: {ServiceSettings.Names.Database}, {ServiceSettings.Names.NodeUrl} and
            {ServiceSettings.Names.MasterKey} (or {ServiceSettings.Names.MasterKey}_FILE) must be set;
            docs/reference/settings.md has the others.
            The database must have the present schema: run 'db apply' first.
            """);
        command.SetAction((parsed, ct) => RunAsync(SettingsReader.Read(shared.HomeOf(parsed).Variable), ct));
        return command;
    }

    private static async Task<int> RunAsync(ServiceSettings settings, CancellationToken ct)
    {
        await RequireSchemaAsync(settings, ct);
        await using var app = ServiceHost.Build(settings, logging => logging.AddJsonConsole(o =>
        {
            o.IncludeScopes = true;
            o.UseUtcTimestamp = true;
            o.TimestampFormat = "O";
        }));
        await app.StartAsync(ct);
        try
        {
            await app.WaitForShutdownAsync(ct);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }

        return ct.IsCancellationRequested ? ExitCode.Done : ExitCode.Refused;
    }

    private static async Task RequireSchemaAsync(ServiceSettings settings, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(settings.Database);
        var difference = await Migrations.AssertAsync(database, Schema.Migrations, ct);
        if (!difference.IsCurrent)
        {
            throw new CommandFailedException(
                ExitCode.Refused, $"The database is not at the present schema ({difference}): run 'fiberlink db apply'.");
        }
    }
}
