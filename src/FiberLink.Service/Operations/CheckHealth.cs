using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.Postgres;
using FiberLink.Service.Authentication;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Operations;

/// <summary><c>/healthz/live</c> and <c>/healthz/ready</c>, in the contract's shapes.</summary>
internal sealed class CheckHealth(
    NpgsqlDataSource database, NonceStore nonces, IHubNode node, ServiceSettings settings, TimeProvider time)
{
    private static readonly TimeSpan CheckTimeMax = TimeSpan.FromSeconds(3);

    public static Task LiveAsync(HttpContext http) => WriteAsync(http, StatusCodes.Status200OK, w => w.WriteString("status", "alive"));

    public async Task ReadyAsync(HttpContext http)
    {
        var checks = await Task.WhenAll(
            RunAsync("database", CheckDatabaseAsync, http.RequestAborted),
            RunAsync("coreService", CheckNodeAsync, http.RequestAborted));
        var isReady = checks.All(c => c.Problem is null);
        await WriteAsync(http, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, writer =>
        {
            writer.WriteString("status", isReady ? "ready" : "not_ready");
            writer.WriteStartObject("checks");
            foreach (var (name, problem) in checks)
            {
                writer.WriteStartObject(name);
                writer.WriteString("status", problem is null ? "ok" : "error");
                if (problem is not null)
                {
                    writer.WriteString("message", problem);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
    }

    private async Task<(string Name, string? Problem)> RunAsync(
        string name, Func<CancellationToken, Task<string?>> check, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(CheckTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            return (name, await check(either.Token));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return (name, $"no answer within {CheckTimeMax.TotalSeconds:0} s");
        }
        catch (NpgsqlException)
        {
            return (name, "the database does not answer");
        }
    }

    private async Task<string?> CheckDatabaseAsync(CancellationToken ct)
    {
        var difference = await Migrations.AssertAsync(database, Schema.Migrations, ct);
        return difference.IsCurrent
            ? await CheckWritingAsync(ct)
            : $"the schema is not what this program expects ({difference}); run 'fiberlink db apply'";
    }

    /// <summary>Writes what every request writes first, through to the disk: a database that only reads still answers all else.</summary>
    private async Task<string?> CheckWritingAsync(CancellationToken ct)
    {
        try
        {
            await nonces.ProbeAsync(ct);
            return null;
        }
        catch (PostgresException refused)
        {
            return $"the database cannot be written to ({refused.SqlState})";
        }
    }

    private async Task<string?> CheckNodeAsync(CancellationToken ct) =>
        await node.GetInfoAsync(ct) switch
        {
            NodeAnswer<NodeInfo>.Ok { Value: var info } when info.Currency == settings.Network => null,
            NodeAnswer<NodeInfo>.Ok { Value: var info } =>
                $"the node is on another network ({info.Currency}) than {ServiceSettings.Names.Network} says ({settings.Network})",
            NodeAnswer<NodeInfo>.Failed failed => $"the Fiber node: {failed.Failure}",
            _ => "the Fiber node: no answer",
        };

    private static async Task WriteAsync(HttpContext http, int status, Action<Utf8JsonWriter> members)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }
}
