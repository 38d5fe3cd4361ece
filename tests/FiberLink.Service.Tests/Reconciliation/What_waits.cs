using FiberLink.Service.Reconciliation;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Reconciliation;

/// <summary>What is not over, and is no difference, by its age.</summary>
public sealed class What_waits
{
    [Fact]
    public async Task Is_listed_by_kind_and_age_with_what_it_is_about()
    {
        await using var service = await RunningService.StartAsync();
        await service.LimitAsync(RunningService.App, new() { ApprovalAbove = 1 });
        await service.GiveAsync(RunningService.App, "alice", "100");
        for (var i = 0; i < 2; i++)
        {
            var invoice = await service.Control.Payments.IssueAsync(new(20_00000000), Ct);
            var id = (await service.Client.WithdrawAsync("alice", "20", invoice, Ct)).Result.GetProperty("id").GetString()!;
            await service.StageIsAsync(id, "Queued");
            service.Clock.Move(TimeSpan.FromMinutes(i == 0 ? 25 * 60 : 1));
        }

        await using var tools = service.Tools();
        var open = tools.GetRequiredService<OpenItemsQuery>();
        var items = await open.ReadAsync(RunningService.App, Ct);

        Assert.Equal(
            [("withdrawal-queued", AgeGroup.UnderAnHour, 1L), ("withdrawal-queued", AgeGroup.UnderAWeek, 1L)],
            items.Select(i => (i.What, i.Age, i.Count)));
        Assert.All(items, i => Assert.InRange(i.Amount.Units, 19_00000000u, 20_00000000u));
        Assert.Equal(items, await open.ReadAsync(null, Ct));
        Assert.Empty(await open.ReadAsync("nobody", Ct));
    }

    [Theory]
    [InlineData(59, "UnderAnHour")]
    [InlineData(60, "UnderADay")]
    [InlineData(24 * 60, "UnderAWeek")]
    [InlineData(7 * 24 * 60, "Older")]
    [InlineData(null, "NotKnown")]
    public void Is_so_old_from_one_moment_on(int? minutes, string group)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        Assert.Equal(group, AgeGroups.Of(minutes is { } past ? now.AddMinutes(-past) : null, now).ToString());
    }
}
