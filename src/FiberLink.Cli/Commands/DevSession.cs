using FiberLink.Postgres;
using FiberLink.Projections.Communities;
using FiberLink.Sandbox;
using FiberLink.Service;
using FiberLink.Service.Communities;
using FiberLink.Service.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli.Commands;

/// <summary>One run of <c>dev</c>: starts the parts in order, says what runs where, and stops them in reverse.</summary>
internal sealed class DevSession(DevHome home, DevOptions options)
{
    private const string DatabaseName = "fiberlink";
    private const string DemoApp = "demo";

    // Known to everybody who reads this: it signs for the demo community of a development database and for nothing else.
    private const string DemoSecret = "demo-secret";

    private readonly Stack<IAsyncDisposable> _running = new();
    private CancellationToken _serviceStops;

    public async Task<int> RunAsync(CancellationToken ct)
    {
        await using var occupied = home.Occupy();
        try
        {
            var file = await StartAsync(ct);
            await SayAsync(file);
            await WaitAsync(ct);
            if (!ct.IsCancellationRequested)
            {
                throw new CommandFailedException(ExitCode.Refused, "The service stopped by itself; what it logged above says why.");
            }

            await Console.Out.WriteLineAsync("Stopping.");
            return ExitCode.Done;
        }
        catch (IOException taken)
        {
            throw new CommandFailedException(
                ExitCode.Unavailable, $"{taken.Message} Stop what uses the port, or choose others: --port, --node-port, --chain-port.");
        }
        finally
        {
            while (_running.TryPop(out var part))
            {
                await part.DisposeAsync();
            }
        }
    }

    private async Task<DevFile> StartAsync(CancellationToken ct)
    {
        if (options.Fresh)
        {
            await PrivatePostgres.RemoveAsync(home.Folder, ct);
            home.Clear();
        }

        home.EnsureMasterKey();
        home.EnsureAuditKey();
        var (connection, uri) = await DatabaseAsync(ct);
        var chain = await ChainAsync(ct);
        var node = await NodeAsync(chain?.Url, ct);
        var settings = SettingsReader.Read(name => name switch
        {
            Names.Database => connection,
            Names.NodeUrl => node,
            Names.CkbUrl when chain is not null => chain.Url,
            Names.SignerSocket when chain is not null => chain.SignerSocket,
            Names.SignerPubkey when chain is not null => chain.SignerPubkey,
            Names.Urls when !IsSet(Names.Urls) => $"http://127.0.0.1:{options.Port}",
            _ => home.Variable(name),
        });
        await PrepareAsync(settings, ct);
        var service = await ServiceAsync(settings, ct);
        var file = new DevFile(
            service, node, uri, connection, DemoApp, DemoSecret, chain?.Url, chain?.SignerSocket, chain?.SignerPubkey);
        home.Write(file);
        return file;
    }

    private async Task<(string Connection, string Uri)> DatabaseAsync(CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable(Names.Database) is { Length: > 0 } own)
        {
            try
            {
                return (ConnectionText.Parse(own), own);
            }
            catch (FormatException broken)
            {
                throw new SettingsException([$"{Names.Database}: {broken.Message}"]);
            }
        }

        var server = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions
            {
                Directory = home.Folder,
                Port = options.PostgresPort,
                Log = new LineProgress(),
            },
            ct);
        _running.Push(server);
        await server.CreateDatabaseAsync(DatabaseName, ct);
        return (server.ConnectionString(DatabaseName), server.Uri(DatabaseName));
    }

    private async Task<string> NodeAsync(string? chain, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable(Names.NodeUrl) is { Length: > 0 } own)
        {
            return own;
        }

        var node = await SandboxNode.StartAsync(
            new SandboxNodeOptions
            {
                Listen = new Uri($"http://127.0.0.1:{options.SandboxPort}"),
                StateFile = home.SandboxState,
                Chain = chain is null ? null : new Uri(chain),
            },
            TimeProvider.System,
            ct);
        _running.Push(node);
        return node.Endpoint.ToString().TrimEnd('/');
    }

    /// <summary>A chain and a signer of the sandbox; null when others are set.</summary>
    private async Task<DevChainPlace?> ChainAsync(CancellationToken ct)
    {
        if (IsSet(Names.CkbUrl) || IsSet(Names.SignerSocket) || !OperatingSystem.IsLinux())
        {
            return null;
        }

#pragma warning disable CA2000 // It is stopped with the others.
        var chain = await DevChain.StartAsync(home, options.ChainPort, ct);
#pragma warning restore CA2000
        _running.Push(chain);
        return chain.Place;
    }

    private static async Task PrepareAsync(ServiceSettings settings, CancellationToken ct)
    {
        await using var tools = ServiceHost.BuildTools(settings);
        var database = tools.GetRequiredService<NpgsqlDataSource>();
        await Migrations.ApplyAsync(database, Schema.Migrations, ct);
        if (await tools.GetRequiredService<CommunitiesQuery>().FindAsync(DemoApp, ct) is null)
        {
            await tools.GetRequiredService<CommunityAdministration>().RegisterAsync(DemoApp, "Demo", DemoSecret, ct);
        }
    }

    private async Task<string> ServiceAsync(ServiceSettings settings, CancellationToken ct)
    {
        var app = ServiceHost.Build(settings, logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddSimpleConsole(o => o.SingleLine = true));
#pragma warning disable CA2000 // It is stopped with the others.
        _running.Push(new StoppedFirst(app));
#pragma warning restore CA2000
        await app.StartAsync(ct);
        _serviceStops = app.Lifetime.ApplicationStopping;
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    private async Task SayAsync(DevFile file) =>
        await Console.Out.WriteLineAsync(
            $"""

            FiberLink runs.
              service   {file.ServiceUrl}/rpc   community {file.AppId}, secret {file.Secret} (development only)
              node      {file.NodeUrl}{(IsSet(Names.NodeUrl) ? "" : "   a sandbox: no money moves")}
              chain     {ChainOf(file)}
              database  {(IsSet(Names.Database) ? "the one of " + Names.Database : file.Database)}
              the same  {Path.Combine(home.Folder, "dev.json")}

            Try, in another shell:
              ./run rpc tip.create '{"{"}"amount":"1.5","asset":"CKB","postId":"42","fromUserId":"7","toUserId":"9"{"}"}'
              ./run sandbox pay <the invoice>
              ./run rpc tip.status '{"{"}"invoice":"<the invoice>"{"}"}'
              ./run balance {file.AppId} 9
              ./run events stream <the invoice>
              ./run rpc withdrawal.request '{"{"}"userId":"9","amount":"1","asset":"CKB","destination":{"{"}"kind":"PAYMENT_REQUEST",
                "paymentRequest":"<of ./run sandbox payee-invoice 100000000>"{"}"}{"}"}'

            Ctrl-C stops all of it; the data stays.
            """);

    private static string ChainOf(DevFile file) =>
        file.ChainUrl is null ? "none: withdrawals to addresses are refused" : $"{file.ChainUrl}   a sandbox, with a wallet";

    private async Task WaitAsync(CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _serviceStops);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how this ends, and now and then a service that cannot go on.
        }
    }

    private static bool IsSet(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 };

    /// <summary>Its loops end because they are told to, and not because what they stand on is taken away.</summary>
    private sealed class StoppedFirst(WebApplication app) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }

    /// <summary>Says each step as a line, in order.</summary>
    private sealed class LineProgress : IProgress<string>
    {
        public void Report(string value) => Console.Out.WriteLine(value);
    }
}
