using FiberLink.Service.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Scene;

/// <summary>One process's worth of service, listening on a free port.</summary>
public sealed class ServiceInstance : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServiceInstance(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public IServiceProvider Services => _app.Services;

    public static async Task<ServiceInstance> StartAsync(
        ServiceSettings settings, TimeProvider time, CapturedLogs logs, CancellationToken ct) =>
        await StartAsync(settings, time, logs, _ => { }, ct);

    /// <summary>As above; what replaces registers last, and so wins: what is outside, above all.</summary>
    public static async Task<ServiceInstance> StartAsync(
        ServiceSettings settings, TimeProvider time, CapturedLogs logs, Action<IServiceCollection> replace, CancellationToken ct)
    {
        var app = ServiceHost.Build(
            settings,
            logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs),
            services => replace(services.AddSingleton(time)));
        await app.StartAsync(ct);
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
