using System.Security.Cryptography;
using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Communities;
using FiberLink.Service.Startup;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Scene;

/// <summary>The whole service on a database and a sandbox node of its own, with the community <c>demo</c>.</summary>
public sealed class RunningService : IAsyncDisposable
{
    public const string App = "demo";
    public const string Secret = "the-secret-of-the-demo-community";

    private static readonly HttpClient Http = new();

    private readonly List<ServiceInstance> _others = [];

    private RunningService(TestDatabase database, SandboxNode node, PaidChain? chain, TestClock clock, ServiceSettings settings) =>
        (Database, Node, OnChain, Clock, Settings, Control) =
            (database, node, chain, clock, settings, new SandboxControl(Http, node.Endpoint));

    public TestDatabase Database { get; }

    public SandboxNode Node { get; }

    /// <summary>The sandbox chain and the wallet on it; null unless the scene opened with one.</summary>
    public PaidChain? OnChain { get; }

    /// <summary>Counts and gates the steps that the service reaches; null unless the scene opened with it.</summary>
    internal CountedSteps? Steps { get; init; }

    /// <summary>Makes things happen at the node.</summary>
    public SandboxControl Control { get; }

    public TestClock Clock { get; }

    public ServiceSettings Settings { get; private set; }

    public CapturedLogs Logs { get; } = new();

    public ServiceInstance Instance { get; private set; } = null!;

    public Uri Url => Instance.Url;

    /// <summary>Signs as the demo community.</summary>
    public SignedClient Client => ClientOf(App, Secret);

    public static Task<RunningService> StartAsync() => StartAsync(new Opening());

    public static async Task<RunningService> StartAsync(Opening opening)
    {
        var clock = opening.Clock ?? new TestClock();
        var database = await TestDatabase.CreateAsync(Schema.Migrations);
        var chain = opening.WithChain ? await PaidChain.StartAsync(clock) : null;
        var node = await SandboxNode.StartAsync(
            new SandboxNodeOptions { Listen = new("http://127.0.0.1:0"), Currency = opening.NodeIsOn, Chain = chain?.Endpoint }, clock, Ct);
        var settings = opening.Change(new ServiceSettings
        {
            Database = database.ConnectionString,
            NodeUrl = opening.NodeUrl?.Invoke(node.Endpoint) ?? node.Endpoint,

            // Tests ask far more often than people do; those about the limit set it.
            RateLimitRequests = 100_000,
            MasterKeys = [RandomNumberGenerator.GetBytes(32)],
            Urls = "http://127.0.0.1:0",

            // Tests say themselves when it is looked, so that no look takes a fault that is meant for another call.
            Treasury = new() { LookEvery = Timeout.InfiniteTimeSpan },
        });
        var service = new RunningService(database, node, chain, clock, settings)
        {
            Steps = opening.CountsSteps ? new() : null,
        };
        await service.RegisterAsync(App, Secret);
        service.Instance = await service.StartInstanceAsync();
        return service;
    }

    public SignedClient ClientOf(string app, string secret) => new(Url, app, secret, Clock);

    /// <summary>A community of its own, whose secret is told by its client.</summary>
    public async Task<SignedClient> NewCommunityAsync()
    {
        var (app, secret) = ($"app-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}", $"secret-of-{Guid.NewGuid():N}");
        await RegisterAsync(app, secret);
        return ClientOf(app, secret);
    }

    public Task RegisterAsync(string app, string secret) =>
        AdministerAsync(admin => admin.RegisterAsync(app, "", secret, Ct));

    public Task RotateAsync(string app, string secret, TimeSpan overlap) =>
        AdministerAsync(admin => admin.RotateSecretAsync(app, secret, overlap, Ct));

    /// <summary>Another service node on the same database and the same Fiber node.</summary>
    public async Task<ServiceInstance> StartAnotherAsync()
    {
        var other = await StartInstanceAsync();
        _others.Add(other);
        return other;
    }

    /// <summary>Stops the service and starts it anew.</summary>
    public Task RestartAsync() => RestartWithAsync(settings => settings);

    /// <summary>As above, with other settings.</summary>
    public async Task RestartWithAsync(Func<ServiceSettings, ServiceSettings> change)
    {
        await Instance.DisposeAsync();
        Settings = change(Settings);
        Instance = await StartInstanceAsync();
    }

    /// <summary>Waits until a tip of the demo community is in a state.</summary>
    public Task ReachesAsync(string invoice, string state) =>
        Eventually.HoldsAsync($"the tip is {state}", async () => await Client.StatusAsync(invoice, Ct) == state, Ct);

    /// <summary>Waits until the dashboards have seen the whole log.</summary>
    public Task DashboardsAreCurrentAsync() =>
        Eventually.HoldsAsync(
            "the dashboards have seen the whole log",
            async () => await Database.CountAsync(
                """
                select count(*) from event_store.log_head as h
                 where not exists (select from event_store.mt_event_progression as p where p.last_seq_id < h.position)
                   and exists (select from event_store.mt_event_progression)
                """) == 1,
            Ct);

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        await Instance.DisposeAsync();
        await Node.DisposeAsync();
        if (OnChain is not null)
        {
            await OnChain.DisposeAsync();
        }

        await Database.DisposeAsync();
        Logs.Dispose();
    }

    private Task<ServiceInstance> StartInstanceAsync() => ServiceInstance.StartAsync(
        Settings,
        Clock,
        Logs,
        services =>
        {
            OnChain?.GiveTo(services);
            if (Steps is { } steps)
            {
                services.AddSingleton<StopPoints>(steps);
            }
        },
        Ct);

    /// <summary>Tips a member and has the tip paid, so that there is something to withdraw.</summary>
    public async Task EarnAsync(SignedClient client, string member, string amount)
    {
        var invoice = await client.TipAsync(TipWish.New() with { To = member, Amount = amount }, Ct);
        await Control.PayAsync(invoice, Ct);
        await Eventually.HoldsAsync("the tip is settled", async () => await client.StatusAsync(invoice, Ct) == "SETTLED", Ct);
    }

    private async Task AdministerAsync(Func<CommunityAdministration, Task<CommunityAnswer>> act)
    {
        await using var tools = ServiceHost.BuildTools(Settings, services => services.AddSingleton<TimeProvider>(Clock));
        Assert.IsType<CommunityAnswer.Done>(await act(tools.GetRequiredService<CommunityAdministration>()));
    }
}

/// <summary>How a scene opens.</summary>
public sealed record Opening
{
    public TestClock? Clock { get; init; }

    /// <summary>The network of the node.</summary>
    public HubNode.FiberCurrency NodeIsOn { get; init; } = HubNode.FiberCurrency.Fibt;

    /// <summary>From the sandbox's address to the one that the service is given.</summary>
    public Func<Uri, Uri>? NodeUrl { get; init; }

    /// <summary>Whether the steps that the service reaches are counted.</summary>
    public bool CountsSteps { get; init; }

    /// <summary>Whether there is a sandbox chain to withdraw to.</summary>
    public bool WithChain { get; init; }

    public Func<ServiceSettings, ServiceSettings> Change { get; init; } = settings => settings;
}
