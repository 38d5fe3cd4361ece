using FiberLink.Chain;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Treasury.Administration;
using FiberLink.Service.Treasury.Watching;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Treasury;

/// <summary>A service with a wallet on a sandbox chain, a cold address, a budget of 1,000 CKB a day, and operators beside it.</summary>
internal sealed class TreasuryScene : IAsyncDisposable
{
    public const ulong Ckb = PaidChain.Ckb;

    private readonly ServiceProvider _operators;

    private TreasuryScene(RunningService service, string address, Script cold)
    {
        (Service, Address, Cold) = (service, address, cold);
        _operators = OperatorsWith(service.Settings);
    }

    public RunningService Service { get; }

    public PaidChain Chain => Service.OnChain!;

    /// <summary>The one that is on the list.</summary>
    public string Address { get; }

    public Script Cold { get; }

    public TreasuryAdministration Operators => _operators.GetRequiredService<TreasuryAdministration>();

    public TreasuryReports Reports => _operators.GetRequiredService<TreasuryReports>();

    public TreasuryWatch Watch => Service.Instance.Services.GetRequiredService<TreasuryWatch>();

    public static async Task<TreasuryScene> StartAsync(
        Func<ServiceSettings, ServiceSettings>? change = null, bool countsSteps = false, Func<Uri, Uri>? nodeUrl = null)
    {
        var (address, cold) = PaidChain.NewRecipient();
        var service = await RunningService.StartAsync(new Opening
        {
            WithChain = true,
            CountsSteps = countsSteps,
            NodeUrl = nodeUrl,
            Change = settings => (change ?? (s => s))(settings with
            {
                Treasury = settings.Treasury with
                {
                    ColdAddresses = [address],
                    DayMax = new Dictionary<Asset, UInt128> { [Asset.Ckb] = 1_000 * Ckb },
                },
            }),
        });
        return new(service, address, cold);
    }

    /// <summary>What an operator's command line has, with settings of its own.</summary>
    public ServiceProvider OperatorsWith(ServiceSettings settings) =>
        ServiceHost.BuildTools(settings, services => services.AddSingleton<TimeProvider>(Service.Clock));

    /// <summary>ann asks for it.</summary>
    public Task<Guid> AskAsync(ulong ckb) => AskAsync(new Amount(Asset.Ckb, ckb * Ckb));

    /// <inheritdoc cref="AskAsync(ulong)"/>
    public async Task<Guid> AskAsync(Amount amount) =>
        Assert.IsType<TreasuryAnswer.Done>(await Operators.RequestSweepAsync(Address, amount, "ann", "too much", Ct)).MovementId;

    /// <summary>ann asks for it, and bob agrees.</summary>
    public Task<Guid> SweepAsync(ulong ckb) => SweepAsync(new Amount(Asset.Ckb, ckb * Ckb));

    /// <inheritdoc cref="SweepAsync(ulong)"/>
    public async Task<Guid> SweepAsync(Amount amount)
    {
        var id = await AskAsync(amount);
        Assert.Equal(new TreasuryAnswer.Done(id, true), await Operators.ApproveAsync(id, "bob", "fine", Ct));
        return id;
    }

    /// <summary>ann tells the books, and bob agrees.</summary>
    public Task BookAsync(HubPlace place, UInt128 units) => BookAsync(place, new Amount(Asset.Ckb, units));

    /// <summary>As above, of any asset.</summary>
    public async Task BookAsync(HubPlace place, Amount amount)
    {
        var asked = await Operators.RequestBookingAsync(place, BookingWay.PutIn, amount, "ann", "opening", Ct);
        var id = Assert.IsType<TreasuryAnswer.Done>(asked).MovementId;
        Assert.Equal(new TreasuryAnswer.Done(id, true), await Operators.ApproveAsync(id, "bob", "fine", Ct));
    }

    public async Task<string?> StageOfAsync(Guid id) =>
        (await Service.Database.TextsAsync("select stage from read_models.treasury_movements where movement_id = $1", id))
        .SingleOrDefault();

    public Task StageIsAsync(Guid id, string stage) =>
        Eventually.HoldsAsync($"movement {id} is {stage}", async () => await StageOfAsync(id) == stage, Ct);

    /// <summary>Blocks come until a movement has a stage; a chain that does not take the wish for one is asked again.</summary>
    /// <param name="id">The movement.</param>
    /// <param name="stage">Which.</param>
    /// <param name="each">What passes with each block, for what waits for it; nothing where nothing is said.</param>
    public Task MinedUntilAsync(Guid id, string stage, TimeSpan each = default) =>
        Eventually.HoldsAsync(
            $"movement {id} is {stage}",
            async () =>
            {
                try
                {
                    await Chain.Control.MineAsync(1, Ct);
                }
                catch (HttpRequestException)
                {
                }

                Service.Clock.Move(each);
                return await StageOfAsync(id) == stage;
            },
            Ct);

    /// <summary>The service looks until a cell of what is under way is seen to be spent, or until nothing speaks against it.</summary>
    public Task LooksUntilAsync(bool isDoubted) => Eventually.HoldsAsync(
        isDoubted ? "its cell is seen to be spent" : "nothing speaks against it",
        async () =>
        {
            Service.Clock.Move(TimeSpan.FromSeconds(5));
            return isDoubted == await Service.Database.CountAsync(
                "select count(*) from messaging.waiting where name = 'advance-movement.v1' and body ->> 'spentSince' is not null") > 0;
        },
        Ct);

    /// <summary>What was asked of a movement was looked at, and it waits for the reason that is said.</summary>
    /// <param name="why">A part of it.</param>
    /// <param name="each">What passes between two looks at it; a tenth of a second where nothing is said.</param>
    public Task WaitsAsync(string why, TimeSpan? each = null) => Eventually.HoldsAsync(
        $"a movement waits: {why}",
        async () =>
        {
            Service.Clock.Move(each ?? TimeSpan.FromMilliseconds(100));
            return (await Service.Database.TextsAsync(
                "select coalesce(last_error, '') from messaging.waiting where name = 'advance-movement.v1'"))
                .Any(e => e.Contains(why, StringComparison.Ordinal));
        },
        Ct);

    /// <summary>Nothing is wrong, and what is in the wallet is what the books say, or explained.</summary>
    /// <param name="places">For how many assets the wallet's books were opened.</param>
    public async Task AgreesAsync(int places)
    {
        await Watch.LookAsync(Ct);
        var status = await Reports.StatusAsync(Ct);
        Assert.Empty(status.Alarms);
        Assert.All(status.Places.Where(p => p.IsOpened), p => Assert.Equal((Int128)0, PlaceAppraisal.Unexplained(p)));
        Assert.Equal(places, status.Places.Count(p => p.IsOpened));
    }

    public Task<long> BalanceAsync(Account account) => Service.Database.CountAsync(
        "select coalesce(sum(units), 0)::bigint from read_models.account_balances where account = $1", account.ToString());

    public Task<long> EventsAsync(string type) =>
        Service.Database.CountAsync("select count(*) from event_store.mt_events where type = $1", type);

    /// <summary>What was swept has left the chain and the books alike, once, and nothing is on its way.</summary>
    public async Task IsSweptOnceAsync(long ckb)
    {
        var fee = -await BalanceAsync(Account.NetworkFees);
        Assert.Equal((UInt128)ckb * Ckb, await Chain.HeldByAsync(Cold, Ct));
        Assert.Equal(-ckb * (long)Ckb, await BalanceAsync(Account.HubCold));
        Assert.Equal((ckb * (long)Ckb) + fee, await BalanceAsync(Account.HubOnChain));
        Assert.Equal(0, await BalanceAsync(Account.InFlight));
        Assert.InRange(fee, 1, (long)Service.Settings.Payouts.FeeMax);
        Assert.Equal(1, await EventsAsync("movement.completed.v1"));
    }

    public async ValueTask DisposeAsync()
    {
        await _operators.DisposeAsync();
        await Service.DisposeAsync();
    }
}
