using System.Diagnostics;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Messages;

/// <summary>Cancels the node's invoice of a tip that was paid within the hub, so that nobody pays it a second time.</summary>
internal sealed record CancelInvoice(Guid TipId)
{
    public const string Name = "cancel-invoice.v1";

    public static MessageType<CancelInvoice> Type { get; } = new(Name, MessagesJson.Default.CancelInvoice);

    public static OutgoingMessage For(string tenant, Guid tipId, DateTimeOffset now, string? correlationId) =>
        new(Ids.Named($"{Name}/{tipId:N}"), Name, tenant, Type.Write(new(tipId)), now, correlationId, Activity.Current?.Id);
}
