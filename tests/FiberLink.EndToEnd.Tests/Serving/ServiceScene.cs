using System.Text.RegularExpressions;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Postgres;
using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;
using FiberLink.Service;
using FiberLink.Service.Communities;
using FiberLink.Service.Startup;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>A database and a node that outlive any service; a community; and as many service processes as a test starts.</summary>
internal sealed class ServiceScene : IAsyncDisposable
{
    public const string App = "forum";
    public const string Secret = "a-secret-of-the-forum";

    /// <summary>32 bytes that are nobody's key.</summary>
    public static readonly byte[] MasterKey = [.. Enumerable.Range(1, 32).Select(i => (byte)(i * 7))];

    private readonly IAsyncDisposable? _database;
    private readonly string _connectionString;
    private readonly SandboxNode _node;

    private ServiceScene(IAsyncDisposable? database, NpgsqlDataSource source, string connectionString, SandboxNode node)
    {
        (_database, _connectionString, _node) = (database, connectionString, node);
        Books = new Books(source);
        Node = new SandboxControl(Http, node.Endpoint);
    }

    public HttpClient Http { get; } = new();

    public Books Books { get; }

    /// <summary>The hand that pays invoices.</summary>
    public SandboxControl Node { get; }

    /// <summary>What <c>serve</c> is told; it takes a free port.</summary>
    public Dictionary<string, string> Settings => new()
    {
        [Names.Database] = _connectionString,
        [Names.NodeUrl] = _node.Endpoint.ToString(),
        [Names.Urls] = "http://127.0.0.1:0",
        [Names.MasterKey] = Convert.ToBase64String(MasterKey),

        // Tests ask far more often than people do.
        [Names.RateLimitEnabled] = "false",
    };

    public static Task<ServiceScene> StartAsync(CancellationToken ct) => StartAsync(null, ct);

    /// <summary>With a node that funds and closes channels there.</summary>
    public static async Task<ServiceScene> StartAsync(Uri? chain, CancellationToken ct)
    {
        var database = await TestDatabase.CreateAsync(Schema.Migrations);
        return await StartAsync(database, database.DataSource, database.ConnectionString, ct, chain);
    }

    /// <summary>On a server that belongs to the test, and outlives the scene.</summary>
    public static async Task<ServiceScene> StartOnAsync(OwnServer server, CancellationToken ct)
    {
        await Migrations.ApplyAsync(server.Database, Schema.Migrations, ct);
        return await StartAsync(null, server.Database, server.ConnectionString, ct);
    }

    /// <summary>On a database that is there, with its schema, and outlives the scene.</summary>
    public static async Task<ServiceScene> StartAtAsync(string connectionString, CancellationToken ct)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        return await StartAsync(source, source, connectionString, ct);
    }

    private static async Task<ServiceScene> StartAsync(
        IAsyncDisposable? database, NpgsqlDataSource source, string connectionString, CancellationToken ct, Uri? chain = null)
    {
        var node = await SandboxNode.StartAsync(
            new SandboxNodeOptions { Listen = new("http://127.0.0.1:0"), Chain = chain }, TimeProvider.System, ct);
        var scene = new ServiceScene(database, source, connectionString, node);
        await using var tools = ServiceHost.BuildTools(SettingsReader.Read(scene.Settings.GetValueOrDefault));
        Assert.IsType<CommunityAnswer.Done>(
            await tools.GetRequiredService<CommunityAdministration>().RegisterAsync(App, "Forum", Secret, ct));
        return scene;
    }

    /// <summary>Starts a service, and comes back when it listens.</summary>
    /// <param name="ct">Stops the wait.</param>
    /// <param name="more">Settings besides the usual ones, or in their place.</param>
    public async Task<RunningService> StartServiceAsync(CancellationToken ct, params (string Name, string Value)[] more)
    {
        var settings = Settings;
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return await RunningService.StartAsync(settings, Http, ct);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _node.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}

/// <summary><c>fiberlink serve</c> as a process.</summary>
internal sealed partial class RunningService : IAsyncDisposable
{
    private RunningService(RunningProcess process, Uri address, HttpClient http)
    {
        Process = process;
        Address = address;
        Forum = new SignedCaller(http, address, ServiceScene.App, ServiceScene.Secret);
    }

    public RunningProcess Process { get; }

    public Uri Address { get; }

    /// <summary>The community's back end, talking to this service.</summary>
    public SignedCaller Forum { get; }

    public static async Task<RunningService> StartAsync(IReadOnlyDictionary<string, string> settings, HttpClient http, CancellationToken ct)
    {
        var process = FiberLinkProgram.Start(["serve"], settings);
        try
        {
            var line = await process.LineAsync(l => Listening().IsMatch(l), ct);
            return new(process, new Uri(Listening().Match(line).Groups[1].Value), http);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>What <c>/healthz/ready</c> says.</summary>
    public async Task<Readiness> ReadinessAsync(HttpClient http, CancellationToken ct)
    {
        using var response = await http.GetAsync(new Uri(Address, "healthz/ready"), ct);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(ct));
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}

/// <summary>Whether a service can do its work.</summary>
/// <param name="Status">200 when it can, 503 when not.</param>
/// <param name="Why">The answer's body.</param>
internal sealed record Readiness(int Status, string Why);
