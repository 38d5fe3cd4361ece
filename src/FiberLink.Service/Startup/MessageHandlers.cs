using FiberLink.Messaging;
using FiberLink.Service.Messages;
using FiberLink.Service.Tips;

namespace FiberLink.Service.Startup;

/// <summary>Who handles which message.</summary>
internal static class MessageHandlers
{
    private static readonly HandlerOptions AsksTheNode = new() { Destination = "fiber-node" };

    public static HandlerList All(IServiceProvider services) =>
        new HandlerList()
            .On(IssueInvoice.Type, AsksTheNode).By((m, context, ct) => services.The<IssueInvoiceHandler>().Handle(m, context, ct))
            .On(InvoiceObserved.Type).By((m, context, ct) => services.The<InvoiceObservedHandler>().Handle(m, context, ct));

    private static T The<T>(this IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();
}
