using System.Security.Cryptography;
using FiberLink.Postgres;
using FiberLink.Service;
using FiberLink.Service.Communities;
using FiberLink.Service.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.Benchmarks;

/// <summary>The service as operators start it, in this process.</summary>
internal static class BenchService
{
    public const string App = "bench";
    public const string Secret = "bench-secret";

    public static ServiceSettings Settings(PrivatePostgres server, string database, Uri node) => new()
    {
        Database = server.ConnectionString(database),
        NodeUrl = node,
        Urls = "http://127.0.0.1:0",
        MasterKeys = [RandomNumberGenerator.GetBytes(32)],
        RateLimitEnabled = false,
    };

    /// <summary>Makes the database and the community.</summary>
    public static async Task PrepareAsync(PrivatePostgres server, string database, ServiceSettings settings, CancellationToken ct)
    {
        await server.CreateDatabaseAsync(database, ct);
        await using var tools = ServiceHost.BuildTools(settings);
        await Migrations.ApplyAsync(tools.GetRequiredService<NpgsqlDataSource>(), Schema.Migrations, ct);
        await tools.GetRequiredService<CommunityAdministration>().RegisterAsync(App, App, Secret, ct);
    }

    public static async Task<WebApplication> StartAsync(ServiceSettings settings, CancellationToken ct)
    {
        var service = ServiceHost.Build(settings, logging => logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole());
        await service.StartAsync(ct);
        return service;
    }

    /// <summary>Where it listens.</summary>
    public static Uri AddressOf(WebApplication service) =>
        new(service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
}
