using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.Adjustments;
using FiberLink.Projections.Communities;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Projections.PayoutRules;
using FiberLink.Projections.SettledFeed;
using FiberLink.Projections.TipActivity;
using FiberLink.Projections.TipStatus;
using FiberLink.Projections.Treasury;
using FiberLink.Projections.WalletCells;
using FiberLink.Projections.Withdrawals;

namespace FiberLink.Projections;

/// <summary>Every read model, inline or async, and why. The list is the documentation and what runs.</summary>
public static class ReadModels
{
    private const string Schema = "read_models";

    public static IReadOnlyList<ReadModel> All { get; } =
    [
        new(new CommunitiesProjection(), ProjectionLifecycle.Inline, "The next request is authenticated by it.")
        {
            Tables = Made("communities", ["communities"]),
        },
        new(new AccountBalancesProjection(), ProjectionLifecycle.Inline, "Money is decided over in the transaction that moves it.")
        {
            Tables = new(
                Schema,
                ["account_balances"],
                [
                    Script("0100_account_balances", "account_balances"),
                    Script("0102_account_balances_of_the_hub", "account_balances_of_the_hub"),
                ]),
        },
        new(new TipStatusProjection(), ProjectionLifecycle.Inline, "The payer polls it right after paying.")
        {
            Tables = Made("tip_status", ["tip_status"]),
        },
        new(new InvoiceWatchProjection(), ProjectionLifecycle.Inline, "An invoice that somebody was shown must be watched.")
        {
            // The watcher says when it comes back to an invoice, and when never again.
            Tables = new(
                Schema,
                ["invoice_watch"],
                [Script("0100_invoice_watch", "invoice_watch"), Script("0101_invoice_watch_lanes", "invoice_watch_lanes")])
            {
                NotFromEvents = [new("invoice_watch", "next_poll_at"), new("invoice_watch", "is_slow")],
            },
        },
        new(new WithdrawalsProjection(), ProjectionLifecycle.Inline, "Limits are decided over it in the transaction that holds the money.")
        {
            Tables = new(
                Schema,
                ["withdrawals"],
                [Script("0100_withdrawals", "withdrawals"), Script("0102_withdrawals_not_final", "withdrawals_not_final")]),
        },
        new(new WalletCellsProjection(), ProjectionLifecycle.Inline, "A cell is reserved in the commit that prepares its transaction.")
        {
            Tables = new(
                Schema,
                ["wallet_cells", "wallet_outputs"],
                [Script("0100_wallet_cells", "wallet_cells"), Script("0102_wallet_outputs", "wallet_outputs")]),
        },
        new(new TreasuryMovementsProjection(), ProjectionLifecycle.Inline, "A budget is decided over it in the transaction that uses it.")
        {
            Tables = Made("treasury_movements", ["treasury_movements"]),
        },
        new(new AdjustmentsProjection(), ProjectionLifecycle.Inline, "Whoever is to agree finds it at once.")
        {
            Tables = Made("adjustments", ["adjustments"]),
        },
        new(new PayoutRulesProjection(), ProjectionLifecycle.Inline, "What is stopped is stopped from the next withdrawal on.")
        {
            Tables = Made("payout_rules", ["payout_policies", "payout_stops", "payout_rules"]),
        },
        new(new TipActivityProjection(), ProjectionLifecycle.Async, "Nobody decides by a dashboard.")
        {
            Tables = new(
                Schema,
                ["tip_activity", "member_tip_counts"],
                [Script("0100_tip_activity", "tip_activity"), Script("0101_tip_activity_by_time", "tip_activity_by_time")]),
        },
        new(new LedgerEntriesProjection(), ProjectionLifecycle.Async, "Who reads the books reads the log for what they do not show yet.")
        {
            Tables = Made("ledger_entries", ["ledger_entries"]),
        },
        new(new SettledFeedProjection(), ProjectionLifecycle.Async, "A reader who comes later finds everything all the same.")
        {
            Tables = Made("settled_feed", ["settled_feed"]),
        },
    ];

    public static IEnumerable<IProjection> Inline => Of(ProjectionLifecycle.Inline);

    public static IEnumerable<IProjection> Async => Of(ProjectionLifecycle.Async);

    /// <summary>What makes the tables of the read models.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } = [.. All.SelectMany(m => m.Tables!.Migrations)];

    private static IEnumerable<IProjection> Of(ProjectionLifecycle lifecycle) =>
        All.Where(m => m.Lifecycle == lifecycle).Select(m => m.Projection);

    private static ReadModelTables Made(string script, IReadOnlyList<string> tables) =>
        new(Schema, tables, [Script($"0100_{script}", script)]);

    private static Migration Script(string id, string script) => new(id, SqlScript.Read(typeof(ReadModels).Assembly, $"{script}.sql"));
}
