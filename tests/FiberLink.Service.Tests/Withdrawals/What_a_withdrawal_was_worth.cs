using System.Text.Json;
using FiberLink.Events.Money;
using FiberLink.Service.Rates;
using FiberLink.Service.Tests.Rates;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Recorded when it is completed, with what is known then; and nothing waits for it to be known.</summary>
public sealed class What_a_withdrawal_was_worth
{
    [Fact]
    public async Task Is_recorded_with_its_completion()
    {
        await using var server = await RateServer.StartAsync("0.004213");
        await using var service = await StartAsync(server);
        await Eventually.HoldsAsync("a rate is known", () => IsKnown(service), Ct);

        var id = await CompletedAsync(service);

        var usd = (await BodyAsync(service, id, "completed"))!.Value.GetProperty("usd");
        Assert.Equal("0.004213", usd.GetProperty("rate").GetString());
        Assert.Equal(42, usd.GetProperty("cents").GetInt64());
        Assert.Equal("primary", usd.GetProperty("source").GetString());
        Assert.InRange(
            usd.GetProperty("fetchedAt").GetDateTimeOffset(),
            service.Clock.GetUtcNow() - TimeSpan.FromHours(1),
            service.Clock.GetUtcNow());
        Assert.Equal("42", await CentsAsync(service, id));
        Assert.Null(await BodyAsync(service, id, "usd_quoted"));
    }

    [Fact]
    public async Task Is_recorded_later_when_the_source_did_not_answer_and_the_completion_waits_for_nothing()
    {
        var isBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RateServer.StartAsync("0.004213");
        server.Answer(async (context, ct) =>
        {
            await isBack.Task.WaitAsync(ct);
            await RateServer.SayAsync(context, """{"nervos-network":{"usd":0.005}}""", ct);
        });
        await using var service = await StartAsync(server);

        var id = await CompletedAsync(service);
        Assert.Equal(JsonValueKind.Null, (await BodyAsync(service, id, "completed"))!.Value.GetProperty("usd").ValueKind);
        Assert.Equal("", await CentsAsync(service, id));

        isBack.SetResult();
        await Eventually.HoldsAsync(
            "its worth is recorded",
            async () =>
            {
                // Until it is final it is looked at twice a minute.
                service.Clock.Move(TimeSpan.FromSeconds(1));
                return await CentsAsync(service, id) == "49";
            },
            Ct);
        var quoted = (await BodyAsync(service, id, "usd_quoted"))!.Value;
        Assert.Equal("0.005", quoted.GetProperty("usd").GetProperty("rate").GetString());
        Assert.Equal("primary+late", quoted.GetProperty("usd").GetProperty("source").GetString());
        Assert.Equal("Completed", await service.StageOfAsync(id));
    }

    private static Task<RunningService> StartAsync(RateServer server) =>
        RunningService.StartAsync(new Opening
        {
            WithChain = true,
            Change = settings => settings with
            {
                Usd = new()
                {
                    Sources = [RateScene.Source("primary", server.Url)],
                    RefreshEvery = TimeSpan.FromMilliseconds(50),
                },
            },
        });

    private static bool IsKnown(RunningService service) =>
        service.Instance.Services.GetRequiredService<UsdRates>().Quote(new(Asset.Ckb, 1_00000000)) is not null;

    private static async Task<string> CompletedAsync(RunningService service)
    {
        await service.OnChain!.FundAsync(1_000, 1, Ct);
        await service.EarnAsync(service.Client, "alice", "124.5");
        var reply = await service.Client.WithdrawAsync("alice", "100", PaidChain.NewRecipient().Address, Ct);
        var id = reply.Result.GetProperty("id").GetString()!;
        await service.MinedUntilAsync(id, "Completed");
        return id;
    }

    private static async Task<string> CentsAsync(RunningService service, string id) =>
        (await service.Database.TextsAsync(
            "select usd_cents from read_models.withdrawals where withdrawal_id = $1", Guid.Parse(id))).Single();

    private static async Task<JsonElement?> BodyAsync(RunningService service, string id, string what)
    {
        var bodies = await service.Database.TextsAsync(
            "select data::text from event_store.mt_events where type = $1 and (data ->> 'withdrawalId')::uuid = $2",
            $"withdrawal.{what}.v1",
            Guid.Parse(id));
        return bodies.SingleOrDefault() is { } body ? JsonDocument.Parse(body).RootElement.Clone() : null;
    }
}
