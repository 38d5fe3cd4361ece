using FiberLink.Messaging;
using FiberLink.Service.Messages;
using FiberLink.Service.Tips;
using FiberLink.Service.Treasury.Moving;
using FiberLink.Service.Withdrawals.Paying;

namespace FiberLink.Service.Startup;

/// <summary>Who handles which message.</summary>
internal static class MessageHandlers
{
    private static readonly HandlerOptions AsksTheNode = new() { Destination = "fiber-node" };

    // Money is held until a withdrawal is over: no message about one may become a dead letter because something was broken for long.
    private static readonly HandlerOptions NeverGivenUp = new()
    {
        Retries = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), int.MaxValue),
        TimeLimit = TimeSpan.FromSeconds(60),
    };

    public static HandlerList All(IServiceProvider services) =>
        new HandlerList()
            .On(IssueInvoice.Type, AsksTheNode).By((m, context, ct) => services.The<IssueInvoiceHandler>().Handle(m, context, ct))
            .On(CancelInvoice.Type, AsksTheNode).By((m, context, ct) => services.The<CancelInvoiceHandler>().Handle(m, context, ct))
            .On(InvoiceObserved.Type).By((m, context, ct) => services.The<InvoiceObservedHandler>().Handle(m, context, ct))
            .On(AdvanceWithdrawal.Type, NeverGivenUp)
            .By((m, context, ct) => services.The<AdvanceWithdrawalHandler>().Handle(m, context, ct))
            .On(AdvanceMovement.Type, NeverGivenUp)
            .By((m, context, ct) => services.The<AdvanceMovementHandler>().Handle(m, context, ct));

    private static T The<T>(this IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();
}
