using FiberLink.Projections.TipActivity;

namespace FiberLink.Service.Reconciliation;

/// <summary>What compares the log with the node; for the command line alone.</summary>
internal static class ReconciliationModule
{
    public static IServiceCollection AddReconciliation(this IServiceCollection services) =>
        services
            .AddSingleton<TipWindowQuery>()
            .AddSingleton<BoundedCheck>()
            .AddSingleton<MessageFatesQuery>()
            .AddSingleton<SettlementBackfill>()
            .AddSingleton<ILoggedPayments, NoLoggedPayments>()
            .AddSingleton<PaymentReconciliation>()
            .AddSingleton<NodeReconciliation>();
}
