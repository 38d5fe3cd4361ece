using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace FiberLink.Service.Tests.Rates;

/// <summary>Somebody who tells rates, over HTTP on a port of its own, and as badly as the test wants.</summary>
internal sealed class RateServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _end = new();
    private volatile Func<HttpContext, CancellationToken, Task> _answer;
    private int _asked;

    private RateServer(WebApplication app, Func<HttpContext, CancellationToken, Task> answer)
    {
        (_app, _answer) = (app, answer);
        app.Run(async context =>
        {
            Interlocked.Increment(ref _asked);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _end.Token);
            try
            {
                await _answer(context, either.Token);
            }
            catch (OperationCanceledException)
            {
                context.Abort();
            }
        });
    }

    public Uri Url => new($"{_app.Urls.Single()}/prices?key=the-key");

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static Task<RateServer> StartAsync(string ckb) => StartAsync((context, ct) => TellAsync(context, ckb, ct));

    public static async Task<RateServer> StartAsync(Func<HttpContext, CancellationToken, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = new RateServer(builder.Build(), answer);
        await server._app.StartAsync(Ct);
        return server;
    }

    /// <summary>From now on it answers so.</summary>
    public void Answer(Func<HttpContext, CancellationToken, Task> answer) => _answer = answer;

    /// <summary>From now on this is the rate of CKB.</summary>
    public void Tell(string ckb) => Answer((context, ct) => TellAsync(context, ckb, ct));

    /// <summary>From now on it answers with a status alone.</summary>
    public void Fail(int status) => Answer((context, _) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    /// <summary>Answers with a text.</summary>
    public static async Task SayAsync(HttpContext context, string text, CancellationToken ct)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(text, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _end.Dispose();
    }

    private static Task TellAsync(HttpContext context, string ckb, CancellationToken ct) =>
        SayAsync(context, $$"""{"nervos-network":{"usd":{{ckb}}},"data":[{"price":"1.5"}]}""", ct);
}
