using System.Globalization;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>
/// Money bugs 2 and 14, W-39: many who want the same money, or the same limit, in the same moment. All of them have decided before any of
/// them commits: the log's head is held until every one waits for it, each on a decision that was right when it was made.
/// </summary>
public sealed class What_is_asked_for_at_once
{
    private const int Many = 200;
    private static readonly int Rounds = LongRun.IsAskedFor ? 1_000 : 3;

    [Fact]
    public async Task Of_two_hundred_over_a_balance_for_three_three_are_granted()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true, CountsSteps = true });
        for (var round = 1; round <= Rounds; round++)
        {
            var member = $"alice-{round}";
            await service.EarnAsync(service.Client, member, "200");

            var replies = await OverlappingAsync(service, i => service.Client.WithdrawAsync(member, AmountOf(i), NewAddress(), Ct));

            Assert.Equal(3, replies.Count(r => r.ErrorCode is null));
            Assert.All(replies.Where(r => r.ErrorCode is not null), r => r.AssertError(-32602, "Insufficient balance for withdrawal"));
            Assert.Equal(3, await service.Database.CountAsync("select count(*) from read_models.withdrawals where member = $1", member));
            Assert.Equal(
                await service.Database.CountAsync("select sum(hold)::bigint from read_models.withdrawals where member = $1", member),
                await service.Database.CountAsync(
                    "select units::bigint from read_models.account_balances where account = 'MemberHeld' and member = $1", member));
        }
    }

    [Fact]
    public async Task Of_two_hundred_members_over_a_communitys_limit_for_three_three_are_granted()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true, CountsSteps = true });
        await service.LimitAsync(RunningService.App, new() { RequestMax = 61, MemberDayMax = 61, CommunityDayMax = 3 * 61 });
        for (var i = 0; i < Many; i++)
        {
            await service.GiveAsync(RunningService.App, $"member-{i}", "61");
        }

        for (var round = 1; round <= Rounds; round++)
        {
            var replies = await OverlappingAsync(service, i => service.Client.WithdrawAsync($"member-{i}", "61", NewAddress(), Ct));

            Assert.Equal(3, replies.Count(r => r.ErrorCode is null));
            Assert.All(
                replies.Where(r => r.ErrorCode is not null),
                r => r.AssertError(-32602, "daily app withdrawal limit exceeded: 244 > 183"));
            Assert.Equal(3 * round, await service.Database.CountAsync("select count(*) from read_models.withdrawals"));

            // The next round is on the next day, and who was granted something has the money for it again.
            service.Clock.Move(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
            foreach (var granted in Enumerable.Range(0, Many).Where(i => replies[i].ErrorCode is null))
            {
                await service.GiveAsync(RunningService.App, $"member-{granted}", "61");
            }
        }
    }

    private static async Task<RpcReply[]> OverlappingAsync(RunningService service, Func<int, Task<RpcReply>> ask)
    {
        var before = service.Steps!.Of(StopPoints.PayoutDecided);
        Task<RpcReply>[] asked;
        await using (await HeldHead.OfAsync(service.Database))
        {
            asked = [.. Enumerable.Range(0, Many).Select(ask)];
            await Eventually.HoldsAsync(
                "all of them have decided", () => Task.FromResult(service.Steps.Of(StopPoints.PayoutDecided) - before >= Many), Ct);
        }

        return await Task.WhenAll(asked);
    }

    // Each wish is another one, so that none is taken for the repetition of another.
    private static string AmountOf(int i) => string.Create(CultureInfo.InvariantCulture, $"61.{i + 1:00000}");

    private static string NewAddress() => PaidChain.NewRecipient().Address;
}
