using System.Text.Json;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Asks for withdrawals as the plugin does.</summary>
internal static class WithdrawalCalls
{
    public static object To(string destination) =>
        destination.StartsWith("fib", StringComparison.Ordinal)
            ? new { kind = "PAYMENT_REQUEST", paymentRequest = destination }
            : new { kind = "CKB_ADDRESS", address = destination };

    public static Task<RpcReply> WithdrawAsync(
        this SignedClient client, string member, string amount, string destination, CancellationToken ct) =>
        client.CallAsync("withdrawal.request", new { userId = member, amount, asset = "CKB", destination = To(destination) }, ct);

    public static async Task<JsonElement> QuoteAsync(
        this SignedClient client, string member, string amount, string destination, CancellationToken ct) =>
        (await client.CallAsync("withdrawal.quote", new { userId = member, amount, asset = "CKB", destination = To(destination) }, ct))
        .Result;

    /// <summary>The stage of a withdrawal as the read model has it.</summary>
    public static async Task<string?> StageOfAsync(this RunningService service, string id) =>
        (await service.Database.TextsAsync("select stage from read_models.withdrawals where withdrawal_id = $1", Guid.Parse(id)))
        .SingleOrDefault();

    public static Task StageIsAsync(this RunningService service, string id, string stage) =>
        Eventually.HoldsAsync($"withdrawal {id} is {stage}", async () => await service.StageOfAsync(id) == stage, Ct);

    /// <summary>Blocks come until a withdrawal has a stage.</summary>
    public static Task MinedUntilAsync(this RunningService service, string id, string stage) =>
        Eventually.HoldsAsync(
            $"withdrawal {id} is {stage}",
            async () =>
            {
                await service.OnChain!.Control.MineAsync(1, Ct);
                return await service.StageOfAsync(id) == stage;
            },
            Ct);
}
