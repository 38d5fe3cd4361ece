using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.EndToEnd.Tests.Observability;

/// <summary>Takes what is exported by OTLP over HTTP, and keeps it as bytes.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _posts = [];

    private OtlpCollector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            _posts.Enqueue((context.Request.Path, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public string Address { get; private set; } = "";

    /// <summary>Everything that was posted, whole.</summary>
    public IEnumerable<byte[]> Bodies => _posts.Select(p => p.Body);

    public static async Task<OtlpCollector> StartAsync(CancellationToken ct)
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync(ct);
        collector.Address = collector._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return collector;
    }

    /// <summary>Whether some post to the path holds the text.</summary>
    public bool Has(string path, ReadOnlySpan<byte> text)
    {
        foreach (var (posted, body) in _posts)
        {
            if (posted == path && body.AsSpan().IndexOf(text) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
