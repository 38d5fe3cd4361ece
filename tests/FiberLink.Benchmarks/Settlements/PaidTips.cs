using System.Diagnostics;
using FiberLink.Benchmarks.Log;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Postgres;
using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;

namespace FiberLink.Benchmarks.Settlements;

/// <summary>
/// How long it takes from a payment until the recipient's balance has it, while tips are made and paid at a steady pace. Each is paid
/// half a second to five seconds after it was made.
/// </summary>
internal static class PaidTips
{
    private const int MembersMax = 1_000;
    private const int FirstSteps = 30;

    // Until the runtime has compiled what is run often in the way that suits it best.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(PrivatePostgres server, int perSecond, TimeSpan time, CancellationToken ct)
    {
        Console.WriteLine(Measured.Head);
        foreach (var isTold in (bool[])[true, false])
        {
            await using var node = await SandboxNode.StartAsync(
                new SandboxNodeOptions { Listen = new Uri("http://127.0.0.1:0") }, TimeProvider.System, ct);
            var name = isTold ? "by subscription" : "by asking alone";
            var settings = BenchService.Settings(server, isTold ? "told" : "asked", node.Endpoint);
            await BenchService.PrepareAsync(server, isTold ? "told" : "asked", settings, ct);
            using var caller = new SandboxCaller(node.Endpoint);
            await caller.Control.SubscriptionsAsync(new() { AreOffered = isTold }, ct);
            await using var service = await BenchService.StartAsync(settings, ct);
            await using var settlements = new SeenSettlements(settings.Database);
            using var client = new SignedCaller(BenchService.AddressOf(service), BenchService.App, BenchService.Secret);

            await PayAsync("first steps", client, caller.Control, settlements, FirstSteps, WarmUp / 2, ct);
            await PayAsync("warm up", client, caller.Control, settlements, perSecond, WarmUp, ct);
            var before = await caller.Control.CallsAsync(ct);
            var row = await PayAsync(name, client, caller.Control, settlements, perSecond, time, ct);
            var asked = (await caller.Control.CallsAsync(ct))["get_invoice"] - before.GetValueOrDefault("get_invoice");
            Console.WriteLine(row);
            Console.WriteLine($"{name}: get_invoice was called {asked / row.Took.TotalSeconds:F0} times a second.");
            await service.StopAsync(ct);
        }
    }

    private static Task<Measured> PayAsync(
        string row,
        SignedCaller client,
        SandboxControl sandbox,
        SeenSettlements settlements,
        int perSecond,
        TimeSpan time,
        CancellationToken ct) =>
        Paced.AtAsync(row, perSecond, passed => passed < time, async turn =>
        {
            var invoice = await client.CreateTipAsync($"{row} {turn}", $"from{turn}", $"to{turn % MembersMax}", ct);
            var settled = settlements.Of(HashOf(invoice));
            await Task.Delay(TimeSpan.FromMilliseconds(500 + (turn * 7919L % 4500)), ct);
            var paid = Stopwatch.GetTimestamp();
            await sandbox.PayAsync(invoice, ct);
            return Stopwatch.GetElapsedTime(paid, await settled);
        }, ct);

    private static PaymentHash HashOf(string invoice) => ((InvoiceReading.Decoded)InvoiceCodec.Decode(invoice)).Invoice.PaymentHash;

    private sealed class SandboxCaller(Uri node) : IDisposable
    {
        private readonly HttpClient _http = new();

        public SandboxControl Control => field ??= new(_http, node);

        public void Dispose() => _http.Dispose();
    }
}
