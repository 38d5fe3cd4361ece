using System.Security.Cryptography;
using System.Text;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.HubNode;
using FiberLink.Service.Secrets;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Observability;

/// <summary>Traces, metrics and logs reach a collector by OTLP, and nothing that must stay secret goes with them.</summary>
public sealed class What_is_exported
{
    private const string Message = "a word between the two of us";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tells_of_the_work_and_of_no_secret()
    {
        await using var collector = await OtlpCollector.StartAsync(Ct);
        await using var scene = await ServiceScene.StartAsync(Ct);
        await using (var service = await scene.StartServiceAsync(
            Ct,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100")))
        {
            var invoice = await service.Forum.CreateTipAsync(new Wish("42", "7", "9", "1.5", Message), Ct);
            await scene.Node.PayAsync(invoice, Ct);
            await Eventually.HoldsAsync("it is settled", async () => await service.Forum.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
            await Eventually.HoldsAsync("spans arrive", () => collector.Has("/v1/traces", "rpc tip.create"u8), Ct);
            await Eventually.HoldsAsync("metrics arrive", () => collector.Has("/v1/metrics", "fiberlink.tips.settled"u8), Ct);
            await Eventually.HoldsAsync("logs arrive", () => collector.Has("/v1/logs", "settled"u8), Ct);
            await service.Process.InterruptAsync(Ct);
            Assert.Equal(0, await service.Process.ExitCodeAsync(Ct));

            foreach (var (name, secret) in await SecretsAsync(scene))
            {
                Assert.False(collector.Bodies.Any(b => b.AsSpan().IndexOf(secret) >= 0), $"{name} was exported.");
                Assert.DoesNotContain(Encoding.Latin1.GetString(secret), service.Process.Story, StringComparison.Ordinal);
            }
        }

        // Exporting is no work of the service's: spans about it would be exported in turn, without end.
        Assert.False(collector.Has("/v1/traces", "/v1/traces"u8), "The export traces itself.");
    }

    private static async Task<IReadOnlyList<(string Name, byte[] Bytes)>> SecretsAsync(ServiceScene scene)
    {
        var keys = new MasterKeys([ServiceScene.MasterKey]);
        var preimage = HMACSHA256.HashData(
            keys.Derive(keys.CurrentId, "preimages"), Encoding.UTF8.GetBytes($"tip/{await scene.Books.TipIdAsync(Ct):N}"));

        // Looking for another preimage would prove nothing.
        Assert.Equal(
            Assert.Single(await scene.Node.ListAsync(Ct)).PaymentHash, Preimage.FromBytes(preimage).Hash(InvoiceHashAlgorithm.CkbHash));
        return
        [
            ("The community's secret", Encoding.UTF8.GetBytes(ServiceScene.Secret)),
            ("The master key", ServiceScene.MasterKey),
            ("The master key's text", Encoding.UTF8.GetBytes(Convert.ToBase64String(ServiceScene.MasterKey))),
            ("The message", Encoding.UTF8.GetBytes(Message)),
            ("The preimage", preimage),
            ("The preimage's text", Encoding.UTF8.GetBytes(Convert.ToHexStringLower(preimage))),
        ];
    }
}
