using FiberLink.Projections.Communities;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;
using FiberLink.Service.Withdrawals.Administration;
using FiberLink.Service.Withdrawals.Paying;

namespace FiberLink.Service.Withdrawals;

/// <summary>The withdrawals' part of the service: its methods and what pays.</summary>
internal static class WithdrawalsModule
{
    /// <summary>What operators decide and see; it pays nothing.</summary>
    public static IServiceCollection AddWithdrawalAdministration(this IServiceCollection services) =>
        services
            .AddSingleton<DestinationReader>()
            .AddSingleton<WithdrawalCommands>()
            .AddSingleton<WithdrawalReports>()
            .AddSingleton(s => new WithdrawalAdministration(
                s.GetRequiredService<WithdrawalCommands>(),
                s.GetRequiredService<WithdrawalsQuery>(),
                s.GetRequiredService<TimeProvider>()))
            .AddSingleton(s => new PayoutRulesAdministration(
                s.GetRequiredService<CommandHandler>(),
                s.GetRequiredService<CommunitiesQuery>(),
                s.GetRequiredService<DestinationReader>(),
                s.GetRequiredService<AssetSettings>(),
                s.GetRequiredService<TimeProvider>()));

    public static IServiceCollection AddWithdrawals(this IServiceCollection services) =>
        services
            .AddWithdrawalAdministration()
            .AddSingleton<DestinationFinder>()
            .AddSingleton<PayoutDesk>()
            .AddSingleton<IWalletListener, LiquidityLabels>()
            .AddSingleton<QuoteWithdrawal>()
            .AddSingleton<RequestWithdrawal>()
            .AddSingleton(s => s.GetRequiredService<QuoteWithdrawal>().Method)
            .AddSingleton(s => s.GetRequiredService<RequestWithdrawal>().Method)
            .AddSingleton<LateQuote>()
            .AddSingleton<PayoutStore>()
            .AddSingleton<ChainPreparation>()
            .AddSingleton<ChainReplacement>()
            .AddSingleton<AttemptCells>()
            .AddSingleton<ChainWatch>()
            .AddSingleton<ChainRail>()
            .AddSingleton<PaymentRail>()
            .AddSingleton<TransferRail>()
            .AddSingleton<AdvanceWithdrawalHandler>();
}
