using System.Net;
using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.Service.Tests;

/// <summary>W-47: ready means that the database has our schema and takes writes, and the node answers on our network.</summary>
public sealed class Health_says_what_is_away
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task When_all_is_well_it_is_alive_and_ready()
    {
        await using var service = await RunningService.StartAsync();

        Assert.Equal((HttpStatusCode.OK, """{"status":"alive"}"""), await GetAsync(service, "live"));
        Assert.Equal(
            (HttpStatusCode.OK, """{"status":"ready","checks":{"database":{"status":"ok"},"coreService":{"status":"ok"}}}"""),
            await GetAsync(service, "ready"));
    }

    [Fact]
    public async Task Without_the_node_it_is_alive_and_not_ready()
    {
        await using var service = await RunningService.StartAsync();
        await service.Control.GoAwayAsync(null, Ct);

        await AssertNotReadyAsync(service, ok: "database", away: "coreService");
        await service.Control.ComeBackAsync(Ct);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(service, "ready")).Status);
    }

    [Fact]
    public async Task On_another_network_it_is_not_ready()
    {
        await using var service = await RunningService.StartAsync(new Opening { NodeIsOn = FiberCurrency.Fibb });

        var problem = await AssertNotReadyAsync(service, ok: "database", away: "coreService");
        Assert.Contains("another network", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_database_it_is_alive_and_not_ready_and_calls_say_so()
    {
        await using var service = await RunningService.StartAsync();
        await ConnectionsAsync(service, isAllowed: false);

        await AssertNotReadyAsync(service, ok: "coreService", away: "database");
        var reply = await service.Client.CallAsync("tip.create", TipWish.New().Params, Ct);
        Assert.Equal((HttpStatusCode.OK, -32603), (reply.Status, reply.ErrorCode));
        Assert.Contains("service unavailable", reply.ErrorMessage, StringComparison.Ordinal);

        // When it is back, so is everything: requests, and the loops.
        await ConnectionsAsync(service, isAllowed: true);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(service, "ready")).Status);
        var invoice = await service.Client.TipAsync(TipWish.New(), Ct);
        await service.Control.PayAsync(invoice, Ct);
        await service.ReachesAsync(invoice, "SETTLED");
    }

    [Fact]
    public async Task With_a_database_that_only_reads_it_is_not_ready()
    {
        await using var service = await RunningService.StartAsync();
        await ReadOnlyAsync(service, "on");

        var problem = await AssertNotReadyAsync(service, ok: "coreService", away: "database");
        Assert.Equal("the database cannot be written to (25006)", problem);

        await ReadOnlyAsync(service, "off");
        await Eventually.HoldsAsync(
            "it is ready again", async () => (await GetAsync(service, "ready")).Status == HttpStatusCode.OK, Ct);
    }

    [Fact]
    public async Task Asking_again_and_again_leaves_nothing_behind()
    {
        await using var service = await RunningService.StartAsync();
        for (var asked = 0; asked < 5; asked++)
        {
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(service, "ready")).Status);
        }

        Assert.InRange(await service.Database.CountAsync("select count(*) from edge.request_nonces"), 0, 1);
    }

    [Fact]
    public async Task With_another_schema_it_is_not_ready()
    {
        await using var service = await RunningService.StartAsync();
        await service.Database.ExecuteAsync("update fiberlink.schema_migrations set checksum = 'x' where id = '0200_vault'");

        var problem = await AssertNotReadyAsync(service, ok: "coreService", away: "database");
        Assert.Contains("schema", problem, StringComparison.Ordinal);
    }

    private static async Task<string> AssertNotReadyAsync(RunningService service, string ok, string away)
    {
        Assert.Equal((HttpStatusCode.OK, """{"status":"alive"}"""), await GetAsync(service, "live"));
        var (status, body) = await GetAsync(service, "ready");
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("not_ready", json.GetProperty("status").GetString());
        Assert.Equal("""{"status":"ok"}""", json.GetProperty("checks").GetProperty(ok).GetRawText());
        Assert.Equal("error", json.GetProperty("checks").GetProperty(away).GetProperty("status").GetString());
        return json.GetProperty("checks").GetProperty(away).GetProperty("message").GetString()!;
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(RunningService service, string which)
    {
        using var response = await Http.GetAsync(new Uri($"{service.Url}healthz/{which}"), Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }

    /// <summary>As a standby is, or a server whose disk its provider has found full.</summary>
    private static async Task ReadOnlyAsync(RunningService service, string mode)
    {
        var name = new NpgsqlConnectionStringBuilder(service.Database.ConnectionString).Database!;
        await using var server = NpgsqlDataSource.Create(await PostgresServer.ConnectionStringAsync());
        await using var set = FiberLink.Postgres.NpgsqlBatchExtensions.Command(
            server, $"alter database {name} set default_transaction_read_only = {mode}");
        await set.ExecuteNonQueryAsync(Ct);
        await EndSessionsAsync(server, name);
    }

    private static async Task ConnectionsAsync(RunningService service, bool isAllowed)
    {
        var name = new NpgsqlConnectionStringBuilder(service.Database.ConnectionString).Database!;
        await using var server = NpgsqlDataSource.Create(await PostgresServer.ConnectionStringAsync());
        await using var allow = FiberLink.Postgres.NpgsqlBatchExtensions.Command(
            server, $"alter database {name} with allow_connections {(isAllowed ? "true" : "false")}");
        await allow.ExecuteNonQueryAsync(Ct);
        if (!isAllowed)
        {
            await EndSessionsAsync(server, name);
        }
    }

    private static async Task EndSessionsAsync(NpgsqlDataSource server, string name)
    {
        await using var end = FiberLink.Postgres.NpgsqlBatchExtensions.Command(
            server, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", new NpgsqlParameter { Value = name });
        await end.ExecuteNonQueryAsync(Ct);
    }
}
