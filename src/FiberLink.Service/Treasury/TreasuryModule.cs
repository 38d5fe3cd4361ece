using FiberLink.HubNode;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Treasury.Administration;
using FiberLink.Service.Treasury.Moving;
using FiberLink.Service.Treasury.Watching;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury;

/// <summary>The treasury's part of the service: who watches the hub's own money, and what moves it.</summary>
internal static class TreasuryModule
{
    /// <summary>What operators decide and see; it moves nothing.</summary>
    public static IServiceCollection AddTreasuryAdministration(this IServiceCollection services) =>
        services
            .AddSingleton<ColdAddresses>()
            .AddSingleton<MovementCommands>()
            .AddSingleton<HubFigures>()
            .AddSingleton<LookStore>()
            .AddSingleton<TokenRooms>()
            .AddSingleton<TreasuryReports>()
            .AddSingleton(s => new TreasuryAdministration(
                s.GetRequiredService<MovementCommands>(),
                s.GetRequiredService<ColdAddresses>(),
                s.GetRequiredService<AssetSettings>(),
                s.GetRequiredService<ServiceSettings>(),
                s.GetRequiredService<Ids>(),
                s.GetRequiredService<TimeProvider>()));

    /// <summary>What looks once, for the command line.</summary>
    public static IServiceCollection AddInventory(this IServiceCollection services) =>
        services
            .AddSingleton<INodeChannels>(s => s.GetRequiredService<IHubNode>())
            .AddSingleton<TreasuryLook>()
            .AddSingleton<IInventory, HubInventory>();

    public static IServiceCollection AddTreasury(this IServiceCollection services) =>
        services
            .AddTreasuryAdministration()
            .AddSingleton<INodeChannels>(s => s.GetRequiredService<IHubNode>())
            .AddSingleton<TreasuryLook>()
            .AddSingleton<TreasuryTelemetry>()
            .AddSingleton<TreasuryWatch>()
            .AddSingleton<MovementCover>()
            .AddSingleton<SweepPreparation>()
            .AddSingleton<INodeFunding>(s => s.GetRequiredService<IHubNode>())
            .AddSingleton<ChainLook>()
            .AddSingleton<SweepRail>()
            .AddSingleton<FundingPreparation>()
            .AddSingleton<FundingReturn>()
            .AddSingleton<FundingRail>()
            .AddSingleton<ClosingRail>()
            .AddSingleton<AdvanceMovementHandler>();
}
