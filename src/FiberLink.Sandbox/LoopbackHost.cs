using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FiberLink.Sandbox;

/// <summary>A web server that only this machine reaches.</summary>
internal static class LoopbackHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentException">The address is not a loopback one.</exception>
    public static WebApplication Build(Uri listen)
    {
        // Empty: no settings file or variable of the process around it may open another door.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = SandboxEndpoint.BodyBytesMax;
            kestrel.Listen(Loopback(listen), listen.Port);
        });
        builder.Services.AddSingleton<IHostLifetime, StoppedByItsOwner>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        return builder.Build();
    }

    /// <summary>Where it listens since it was started, with the port that was found when 0 was asked for.</summary>
    public static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private static IPAddress Loopback(Uri listen) =>
        listen is { IsAbsoluteUri: true, IsLoopback: true, Scheme: "http" }
            ? IPAddress.TryParse(listen.DnsSafeHost, out var address) ? address : IPAddress.Loopback
            : throw new ArgumentException($"The sandbox listens on http and a loopback address only, not on {listen}.", nameof(listen));

    /// <summary>The usual one takes the process's signals for itself; here the caller decides when to stop.</summary>
    private sealed class StoppedByItsOwner : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
