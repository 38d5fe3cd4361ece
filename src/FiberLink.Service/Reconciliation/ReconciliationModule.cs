using FiberLink.Projections.TipActivity;
using FiberLink.Service.Reconciliation.Books;
using FiberLink.Service.Reconciliation.OnChain;

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
            .AddSingleton<ILoggedPayments, LoggedPayments>()
            .AddSingleton<PaymentReconciliation>()
            .AddSingleton<NodeReconciliation>()
            .AddSingleton<ClaimedStreams>()
            .AddSingleton<RecipientCheck>()
            .AddSingleton<ChainReconciliation>();

    /// <summary>What compares the log with the books; it asks neither node nor chain.</summary>
    public static IServiceCollection AddBooksReconciliation(this IServiceCollection services) =>
        services
            .AddSingleton<BookedRowsQuery>()
            .AddSingleton<EntryReconciliation>()
            .AddSingleton<BalanceReconciliation>()
            .AddSingleton<RowReconciliation>()
            .AddSingleton<TipRows>()
            .AddSingleton<WithdrawalRows>()
            .AddSingleton<BooksReconciliation>()
            .AddSingleton<OpenItemsQuery>();
}
