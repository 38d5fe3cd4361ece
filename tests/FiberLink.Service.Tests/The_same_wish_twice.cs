using FiberLink.Postgres;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests;

/// <summary>W-18: a double click or a repeated request is one tip; another wish is another.</summary>
public sealed class The_same_wish_twice
{
    private const string Waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

    [Fact]
    public async Task One_after_the_other_it_is_one_tip()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New() with { Message = "thanks" };

        var first = await service.Client.TipAsync(wish, Ct);
        Assert.Equal(first, await service.Client.TipAsync(wish, Ct));
        Assert.Equal(first, await service.Client.TipAsync(wish with { Message = " thanks " }, Ct));
        Assert.Equal(first, await service.Client.TipAsync(wish with { Amount = "1.0" }, Ct));
        Assert.Single(await service.Control.ListAsync(Ct));
        Assert.Equal(1, await TipsAsync(service));
    }

    [Fact]
    public async Task Two_at_once_are_one_tip()
    {
        await using var service = await RunningService.StartAsync();
        var other = new SignedClient((await service.StartAnotherAsync()).Url, RunningService.App, RunningService.Secret, service.Clock);
        var wish = TipWish.New();
        Task<string>[] calls;
        await using (var held = await service.Database.DataSource.OpenConnectionAsync(Ct))
        await using (var transaction = await held.BeginTransactionAsync(Ct))
        {
            // Whoever appends must wait here, so both have looked before either could commit.
            await using var hold = held.Command("select position from event_store.log_head for update");
            await hold.ExecuteScalarAsync(Ct);
            calls = [service.Client.TipAsync(wish, Ct), other.TipAsync(wish, Ct)];
            await Eventually.HoldsAsync("both are waiting", async () => await service.Database.CountAsync(Waiting) == 2, Ct);
            await transaction.RollbackAsync(Ct);
        }

        var invoices = await Task.WhenAll(calls);
        Assert.Equal(invoices[0], invoices[1]);
        Assert.Single(await service.Control.ListAsync(Ct));
        Assert.Equal(1, await TipsAsync(service));
    }

    [Fact]
    public async Task At_two_service_nodes_many_at_once_are_one_tip()
    {
        await using var service = await RunningService.StartAsync();
        var other = new SignedClient((await service.StartAnotherAsync()).Url, RunningService.App, RunningService.Secret, service.Clock);
        var wish = TipWish.New();

        var invoices = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? service.Client : other).TipAsync(wish, Ct)));
        Assert.Single(invoices.Distinct());
        Assert.Single(await service.Control.ListAsync(Ct));
    }

    [Fact]
    public async Task Another_wish_is_another_tip()
    {
        await using var service = await RunningService.StartAsync();
        var community = await service.NewCommunityAsync();
        var wish = TipWish.New() with { Message = "thanks" };
        TipWish[] wishes =
        [
            wish, wish with { Message = "thank you" }, wish with { Message = null }, wish with { Amount = "2" }, wish with { Post = "43" },
            wish with { From = wish.From + "x" }, wish with { To = wish.To + "x" },
        ];

        var invoices = new List<string>();
        foreach (var each in wishes)
        {
            invoices.Add(await service.Client.TipAsync(each, Ct));
        }

        invoices.Add(await community.TipAsync(wish, Ct));
        Assert.Equal(wishes.Length + 1, invoices.Distinct().Count());
        Assert.Equal(wishes.Length + 1, (await service.Control.ListAsync(Ct)).Count);
    }

    [Fact]
    public async Task Once_it_is_paid_the_same_wish_is_a_new_one()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var first = await service.Client.TipAsync(wish, Ct);
        await service.Control.PayAsync(first, Ct);
        await service.ReachesAsync(first, "SETTLED");

        Assert.NotEqual(first, await service.Client.TipAsync(wish, Ct));
    }

    [Fact]
    public async Task After_the_window_the_same_wish_is_a_new_one()
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var first = await service.Client.TipAsync(wish, Ct);

        service.Clock.Move(service.Settings.RepeatWindow - TimeSpan.FromSeconds(20));
        Assert.Equal(first, await service.Client.TipAsync(wish, Ct));
        service.Clock.Move(TimeSpan.FromSeconds(21));
        var second = await service.Client.TipAsync(wish, Ct);
        Assert.NotEqual(first, second);

        // The first is over as a wish, not as an invoice.
        await service.Control.PayAsync(first, Ct);
        await service.ReachesAsync(first, "SETTLED");
        Assert.Equal(second, await service.Client.TipAsync(wish, Ct));
    }

    [Fact]
    public async Task An_invoice_that_can_no_longer_be_paid_is_not_given_again()
    {
        await using var service = await RunningService.StartAsync(
            new Opening { Change = s => s with { InvoiceExpiry = TimeSpan.FromSeconds(30), RepeatWindow = TimeSpan.FromHours(1) } });
        var wish = TipWish.New();
        var first = await service.Client.TipAsync(wish, Ct);

        // The node's clock is its own, so nothing but the window can tell.
        service.Clock.Move(TimeSpan.FromSeconds(31));

        Assert.NotEqual(first, await service.Client.TipAsync(wish, Ct));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task Once_it_is_over_the_same_wish_is_a_new_one(string how)
    {
        await using var service = await RunningService.StartAsync();
        var wish = TipWish.New();
        var first = await service.Client.TipAsync(wish, Ct);
        await (how == "expired" ? service.Control.ExpireAsync(first, Ct) : service.Control.CancelAsync(first, Ct));
        await service.ReachesAsync(first, "FAILED");

        Assert.NotEqual(first, await service.Client.TipAsync(wish, Ct));
    }

    private static Task<long> TipsAsync(RunningService service) =>
        service.Database.CountAsync("select count(*) from event_store.mt_streams where id like 'tip-%'");
}
