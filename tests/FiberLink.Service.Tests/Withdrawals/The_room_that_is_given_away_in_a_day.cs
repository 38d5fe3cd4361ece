using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Treasury.Administration;
using FiberLink.Service.Wallet;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>The hub gives away so many coins in a day for the room of tokens' cells. Who comes after that waits, in order.</summary>
public sealed class The_room_that_is_given_away_in_a_day
{
    private const ulong ForTwo = (2 * TokenScene.Room) + (20 * PaidChain.Ckb);

    [Fact]
    public async Task Is_enough_for_two_and_the_third_is_paid_a_day_later()
    {
        await using var service = await StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await service.GrantedAsync("alice", 20 + (ulong)i, TokenScene.Code)).Id);
        }

        await service.MinedUntilAsync(ids[0], "Completed");
        await service.MinedUntilAsync(ids[1], "Completed");
        await WaitsAsync(service, ids[2]);

        // It keeps its promise and its place; it does not wait for coins, of which there are enough.
        Assert.Equal("Queued", await service.StageOfAsync(ids[2]));
        Assert.Equal(0, await service.Database.CountAsync(
            "select count(*) from event_store.mt_events where type = 'withdrawal.liquidity_awaited.v1'"));
        await using (var tools = ServiceHost.BuildTools(service.Settings, s => s.AddSingleton<TimeProvider>(service.Clock)))
        {
            var status = await tools.GetRequiredService<TreasuryReports>().StatusAsync(Ct);
            Assert.Equal(
                ((UInt128)(2 * TokenScene.Room), (UInt128)ForTwo), (status.RoomGiven.Units, status.RoomDayMax.Units));
        }

        service.Clock.Move(TimeSpan.FromHours(25));
        await service.MinedUntilAsync(ids[2], "Completed");
    }

    /// <summary>Coins are not held up by tokens that wait for another day.</summary>
    [Fact]
    public async Task Is_nothing_that_coins_wait_for()
    {
        await using var service = await StartAsync(TokenScene.Room);
        await service.GiveAsync("bob", 200, "CKB");
        var (first, _) = await service.GrantedAsync("alice", 20, TokenScene.Code);
        var (second, _) = await service.GrantedAsync("alice", 21, TokenScene.Code);
        await service.MinedUntilAsync(first, "Completed");
        await WaitsAsync(service, second);

        var (coins, recipient) = await service.GrantedAsync("bob", 100, "CKB");
        await service.MinedUntilAsync(coins, "Completed");

        await service.OnChain!.HasOnceAsync(recipient, 100, "CKB");
    }

    /// <summary>Two have looked before either has stored: the log's head is held until both wait for it.</summary>
    [Fact]
    public async Task Is_given_once_by_two_that_commit_at_once()
    {
        await using var service = await StartAsync();
        var store = service.Instance.Services.GetRequiredService<IEventStore>();
        Task<AppendResult>[] appends;
        await using (await HeldHead.OfAsync(service.Database))
        {
            appends = [.. Enumerable.Range(0, 5).Select(_ => store.AppendAsync(RoomFor(service), Ct))];
        }

        var results = await Task.WhenAll(appends);

        Assert.Equal(2, results.Count(r => r is AppendResult.Appended));
        Assert.Equal(3, results.Count(r => r is AppendResult.ConstraintBroken { Constraint: TokenRoomRow.DayMaxHolds }));
        Assert.Equal(2, await service.Database.CountAsync("select count(*) from payouts.token_rooms"));
    }

    private static Change RoomFor(RunningService service)
    {
        var (id, now) = (Guid.CreateVersion7(), service.Clock.GetUtcNow());
        return new(
            [
                new(
                    new StreamId(RunningService.App, $"payout-control-{id:N}"),
                    ExpectedVersion.Any,
                    [new(id, new PayoutControlEvent.Paused(null, "ann", "a test", now))]),
            ],
            EventMetadata.None,
            now)
        {
            Rows = [new TokenRoomRow(RunningService.App, id, 1, TokenScene.Room, now, ForTwo)],
        };
    }

    private static async Task<RunningService> StartAsync(ulong dayMax = ForTwo)
    {
        var service = await TokenScene.StartAsync(s => s with { Payouts = s.Payouts with { TokenCapacityDayMax = dayMax } });
        await service.OnChain!.FundAsync(1_000, 3, Ct);

        // A cell for each, so that nobody waits for the change of another.
        for (var i = 0; i < 3; i++)
        {
            await service.OnChain.FundTokenAsync(100);
        }

        await service.GiveAsync("alice", 200, TokenScene.Code);
        return service;
    }

    private static Task WaitsAsync(RunningService service, string id) => Eventually.HoldsAsync(
        "it waits for another day",
        async () =>
        {
            service.Clock.Move(TimeSpan.FromSeconds(1));
            return await service.Database.CountAsync(
                """
                select count(*) from messaging.waiting
                 where body::text like '%' || $1 || '%' and last_error like 'What may be given in a day%'
                """,
                id) > 0;
        },
        Ct);
}
