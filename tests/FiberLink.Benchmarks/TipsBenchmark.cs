using System.Collections.Concurrent;
using System.Diagnostics;
using FiberLink.Postgres;
using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Benchmarks;

/// <summary>
/// The main job under load: real HTTP, real signatures, real PostgreSQL with its default durable settings, the sandbox node.
/// Callers, service, node and database share the machine.
/// </summary>
internal static class TipsBenchmark
{
    private const int MembersMax = 1_000;

    private const string Settled = "select count(*) from read_models.tip_status where stage = 'Settled'";

    public static async Task<int> RunAsync(int clients, TimeSpan time, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fiberlink-bench").FullName;
        try
        {
            await using var server = await PrivatePostgres.StartAsync(new PrivatePostgresOptions { Directory = folder }, ct);
            await using var node = await SandboxNode.StartAsync(
                new SandboxNodeOptions { Listen = new Uri("http://127.0.0.1:0") }, TimeProvider.System, ct);
            var settings = BenchService.Settings(server, BenchService.App, node.Endpoint);
            await BenchService.PrepareAsync(server, BenchService.App, settings, ct);
            await using var service = await BenchService.StartAsync(settings, ct);
            using var caller = new SignedCaller(BenchService.AddressOf(service), BenchService.App, BenchService.Secret);
            await MeasureAsync(caller, new SandboxControl(caller.Http, node.Endpoint), settings, clients, time, ct);
            await service.StopAsync(ct);
            return 0;
        }
        finally
        {
            await PrivatePostgres.RemoveAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(
        SignedCaller caller, SandboxControl sandbox, ServiceSettings settings, int clients, TimeSpan time, CancellationToken ct)
    {
        var invoices = new ConcurrentQueue<string>();
        var post = 0;
        async Task CreateAsync(int client, CancellationToken token)
        {
            var number = Interlocked.Increment(ref post);
            invoices.Enqueue(await caller.CreateTipAsync($"p{number}", $"from{client}", $"to{number % MembersMax}", token));
        }

        await Measured.ForAsync("warm up", clients, TimeSpan.FromSeconds(2), CreateAsync, ct);
        Console.WriteLine(Measured.Head);
        Console.WriteLine(await Measured.ForAsync($"signed tip.create, 1 client", 1, time, CreateAsync, ct));
        Console.WriteLine(await Measured.ForAsync($"signed tip.create, {clients} clients", clients, time, CreateAsync, ct));

        var one = invoices.First();
        Console.WriteLine(await Measured.ForAsync(
            $"signed tip.status, {clients} clients", clients, time, (_, token) => caller.StatusAsync(one, token), ct));

        Console.WriteLine(await SettleAllAsync(sandbox, settings, invoices, clients, ct));
        Console.WriteLine(await OneByOneAsync(caller, sandbox, time, ct));
    }

    /// <summary>Pays everything that was created, and waits until all of it is credited.</summary>
    private static async Task<Measured> SettleAllAsync(
        SandboxControl sandbox, ServiceSettings settings, ConcurrentQueue<string> invoices, int clients, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(settings.Database);
        var all = invoices.Count;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (invoices.TryDequeue(out var invoice))
            {
                await sandbox.PayAsync(invoice, ct);
            }
        }));
        while (await CountAsync(database, ct) < all)
        {
            await Task.Delay(20, ct);
        }

        return new("settled tips, all paid at once", all, Stopwatch.GetElapsedTime(started), []);
    }

    /// <summary>One tip after the other, from its payment until <c>tip.status</c> says SETTLED.</summary>
    private static Task<Measured> OneByOneAsync(SignedCaller caller, SandboxControl sandbox, TimeSpan time, CancellationToken ct)
    {
        var invoices = new ConcurrentQueue<string>();
        var latencies = new List<TimeSpan>();
        return Task.Run(
            async () =>
            {
                var started = Stopwatch.GetTimestamp();
                for (var n = 0; Stopwatch.GetElapsedTime(started) < time; n++)
                {
                    var invoice = await caller.CreateTipAsync($"single{n}", "7", "9", ct);
                    await sandbox.PayAsync(invoice, ct);
                    var paid = Stopwatch.GetTimestamp();
                    while (await caller.StatusAsync(invoice, ct) != "SETTLED")
                    {
                        await Task.Delay(5, ct);
                    }

                    latencies.Add(Stopwatch.GetElapsedTime(paid));
                }

                return new Measured(
                    "paid until SETTLED is seen, one at a time", latencies.Count, Stopwatch.GetElapsedTime(started), latencies);
            },
            ct);
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Settled);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
