using FiberLink.Postgres;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Money bug 22, W-18: the plugin sends no key, and double clicks and time-outs repeat what was asked for.</summary>
public sealed class The_same_withdrawal_twice
{
    [Fact]
    public async Task Within_the_window_it_is_one_and_afterwards_it_is_another()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        await service.GiveAsync(RunningService.App, "alice", "183");
        var address = PaidChain.NewRecipient().Address;

        var first = await service.Client.WithdrawAsync("alice", "61", address, Ct);
        var again = await service.Client.WithdrawAsync("alice", "61.0", address.ToUpperInvariant(), Ct);
        Assert.Equal(IdOf(first), IdOf(again));

        service.Clock.Move(TimeSpan.FromSeconds(61));
        Assert.NotEqual(IdOf(first), IdOf(await service.Client.WithdrawAsync("alice", "61", address, Ct)));
        Assert.NotEqual(IdOf(first), IdOf(await service.Client.WithdrawAsync("alice", "61", PaidChain.NewRecipient().Address, Ct)));
    }

    [Fact]
    public async Task A_repetition_is_answered_although_the_first_has_left_nothing_over()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        await service.GiveAsync(RunningService.App, "alice", "61");
        var address = PaidChain.NewRecipient().Address;

        var first = await service.Client.WithdrawAsync("alice", "61", address, Ct);
        Assert.Equal(IdOf(first), IdOf(await service.Client.WithdrawAsync("alice", "61", address, Ct)));
    }

    [Fact]
    public async Task Two_at_once_at_two_service_nodes_are_one()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true, CountsSteps = true });
        var other = new SignedClient((await service.StartAnotherAsync()).Url, RunningService.App, RunningService.Secret, service.Clock);
        await service.GiveAsync(RunningService.App, "alice", "183");
        var address = PaidChain.NewRecipient().Address;
        Task<RpcReply>[] calls;
        await using (var held = await service.Database.DataSource.OpenConnectionAsync(Ct))
        await using (var transaction = await held.BeginTransactionAsync(Ct))
        {
            await using var hold = held.Command("select position from event_store.log_head for update");
            await hold.ExecuteScalarAsync(Ct);
            calls = [service.Client.WithdrawAsync("alice", "61", address, Ct), other.WithdrawAsync("alice", "61", address, Ct)];
            await Eventually.HoldsAsync("both have decided", () => Task.FromResult(service.Steps!.Of(StopPoints.PayoutDecided) == 2), Ct);
            await transaction.RollbackAsync(Ct);
        }

        var replies = await Task.WhenAll(calls);
        Assert.Equal(IdOf(replies[0]), IdOf(replies[1]));
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from read_models.withdrawals"));
    }

    [Fact]
    public async Task A_clients_own_name_stands_for_one_withdrawal_for_good()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        await service.GiveAsync(RunningService.App, "alice", "183");
        await service.GiveAsync(RunningService.App, "bob", "183");
        var destination = WithdrawalCalls.To(PaidChain.NewRecipient().Address);
        Task<RpcReply> Ask(string userId, string amount, string clientRequestId) => service.Client.CallAsync(
            "withdrawal.request", new { userId, amount, asset = "CKB", destination, clientRequestId }, Ct);

        var first = await Ask("alice", "61", "order-1");
        service.Clock.Move(TimeSpan.FromDays(400));
        Assert.Equal(IdOf(first), IdOf(await Ask("alice", "61", "order-1")));
        (await Ask("alice", "62", "order-1")).AssertError(-32602, "clientRequestId was used for another withdrawal already");
        Assert.NotEqual(IdOf(first), IdOf(await Ask("alice", "61", "order-2")));
        Assert.NotEqual(IdOf(first), IdOf(await Ask("bob", "61", "order-1")));
    }

    private static string IdOf(RpcReply reply) => reply.Result.GetProperty("id").GetString()!;
}
