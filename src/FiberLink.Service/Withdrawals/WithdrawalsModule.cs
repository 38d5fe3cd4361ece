using FiberLink.Service.Withdrawals.Paying;

namespace FiberLink.Service.Withdrawals;

/// <summary>The withdrawals' part of the service: its methods and what pays.</summary>
internal static class WithdrawalsModule
{
    public static IServiceCollection AddWithdrawals(this IServiceCollection services) =>
        services
            .AddSingleton<DestinationReader>()
            .AddSingleton(s => new HotWallet(
                s.GetService<ChainAccess>(),
                s.GetRequiredService<DestinationReader>(),
                s.GetRequiredService<Projections.WalletCells.WalletCellsQuery>()))
            .AddSingleton<WithdrawalCommands>()
            .AddSingleton<PayoutDesk>()
            .AddSingleton<QuoteWithdrawal>()
            .AddSingleton<RequestWithdrawal>()
            .AddSingleton(s => s.GetRequiredService<QuoteWithdrawal>().Method)
            .AddSingleton(s => s.GetRequiredService<RequestWithdrawal>().Method)
            .AddSingleton<LateQuote>()
            .AddSingleton<ChainPreparation>()
            .AddSingleton<ChainRail>()
            .AddSingleton<PaymentRail>()
            .AddSingleton<AdvanceWithdrawalHandler>();
}
