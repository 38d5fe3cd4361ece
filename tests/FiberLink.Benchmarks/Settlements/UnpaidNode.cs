using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Benchmarks.Settlements;

/// <summary>
/// A node that knows every invoice, and none of them is paid: so that a million can be open without making them. It counts how often
/// it is asked.
/// </summary>
internal sealed class UnpaidNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _calls;

    private UnpaidNode()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Endpoint { get; private set; } = null!;

    public long Calls => Interlocked.Read(ref _calls);

    public static async Task<UnpaidNode> StartAsync(CancellationToken ct)
    {
        var node = new UnpaidNode();
        await node._app.StartAsync(ct);
        var addresses = node._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        node.Endpoint = new Uri(addresses.Single());
        return node;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var call = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var (id, method) = (call.RootElement.GetProperty("id").GetRawText(), call.RootElement.GetProperty("method").GetString());
        context.Response.ContentType = "application/json";
        if (method != "get_invoice")
        {
            await context.Response.WriteAsync(
                $$"""{"jsonrpc":"2.0","id":{{id}},"error":{"code":-32999,"message":"Unauthorized"} }""", context.RequestAborted);
            return;
        }

        Interlocked.Increment(ref _calls);
        var hash = call.RootElement.GetProperty("params")[0].GetProperty("payment_hash").GetString();
        await context.Response.WriteAsync(
            $$"""
            {"jsonrpc":"2.0","id":{{id}},"result":{"invoice_address":"fibt","status":"Open","invoice":{"currency":"Fibt",
            "amount":"0x5f5e100","signature":null,"data":{"timestamp":"0x1a1f99c6f83","payment_hash":"{{hash}}","attrs":[] } } } }
            """,
            context.RequestAborted);
    }
}
