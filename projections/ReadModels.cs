using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.Communities;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Projections.SettledFeed;
using FiberLink.Projections.TipActivity;
using FiberLink.Projections.TipStatus;

namespace FiberLink.Projections;

/// <summary>Every read model, inline or async, and why. The list is the documentation and what runs.</summary>
public static class ReadModels
{
    public static IReadOnlyList<ReadModel> All { get; } =
    [
        new(new CommunitiesProjection(), ProjectionLifecycle.Inline, "The next request is authenticated by it."),
        new(new AccountBalancesProjection(), ProjectionLifecycle.Inline, "Money is decided over in the transaction that moves it."),
        new(new TipStatusProjection(), ProjectionLifecycle.Inline, "The payer polls it right after paying."),
        new(new InvoiceWatchProjection(), ProjectionLifecycle.Inline, "An invoice that somebody was shown must be watched."),
        new(new TipActivityProjection(), ProjectionLifecycle.Async, "Nobody decides by a dashboard."),
        new(new SettledFeedProjection(), ProjectionLifecycle.Async, "A reader who comes later finds everything all the same."),
    ];

    public static IEnumerable<IProjection> Inline => Of(ProjectionLifecycle.Inline);

    public static IEnumerable<IProjection> Async => Of(ProjectionLifecycle.Async);

    /// <summary>The tables of the read models.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        Table("account_balances"), Table("communities"), Table("invoice_watch"), Table("settled_feed"), Table("tip_activity"),
        Table("tip_status"),
    ];

    private static IEnumerable<IProjection> Of(ProjectionLifecycle lifecycle) =>
        All.Where(m => m.Lifecycle == lifecycle).Select(m => m.Projection);

    private static Migration Table(string name) => new($"0100_{name}", SqlScript.Read(typeof(ReadModels).Assembly, $"{name}.sql"));
}
