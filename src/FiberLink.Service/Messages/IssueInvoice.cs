using System.Diagnostics;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Messages;

/// <summary>
/// Sees to it that a requested tip gets its invoice even when the process that was asked for it has died: the node is asked
/// again for the same payment hash.
/// </summary>
internal sealed record IssueInvoice(Guid TipId)
{
    public const string Name = "issue-invoice.v1";

    public static MessageType<IssueInvoice> Type { get; } = new(Name, MessagesJson.Default.IssueInvoice);

    /// <summary>Long enough for the request itself to have done it; then it falls to the message.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static Guid IdFor(Guid tipId) => Ids.Named($"{Name}/{tipId:N}");

    public static OutgoingMessage For(string tenant, Guid tipId, DateTimeOffset now, string? correlationId) =>
        new(
            IdFor(tipId),
            Name,
            tenant,
            Type.Write(new(tipId)),
            now + Grace,
            correlationId,
            Activity.Current?.Id);
}
