using System.Text.Json.Serialization;
using FiberLink.Events;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Messages;

/// <summary>What the node said about a tip's invoice, when that was news.</summary>
/// <param name="TipId">The tip.</param>
/// <param name="AskedHash">The payment hash the node was asked about.</param>
/// <param name="Status">Received, Paid, Expired or Cancelled.</param>
/// <param name="Invoice">The invoice as the node tells it.</param>
internal sealed record InvoiceObserved(Guid TipId, string AskedHash, ObservedStatus Status, ObservedInvoice Invoice)
{
    public const string Name = "invoice-observed.v1";

    public static MessageType<InvoiceObserved> Type { get; } = new(Name, MessagesJson.Default.InvoiceObserved);

    public OutgoingMessage ToMessage(string tenant, DateTimeOffset now, string? traceParent) =>
        new(
            // One report of one status is enough, however often it is seen.
            Ids.Named($"{Name}/{AskedHash}/{Status}"),
            Name,
            tenant,
            Type.Write(this),
            now,
            TipId.ToString("N"),
            traceParent);
}

internal enum ObservedStatus
{
    Received = 1,
    Paid = 2,
    Expired = 3,
    Cancelled = 4,
}

/// <param name="Invoice">The text that a payer pays.</param>
/// <param name="PaymentHash">As the node tells it.</param>
/// <param name="Asset">The asset's code, when it is one we know on the network we are on.</param>
/// <param name="AssetText">The asset in the node's words.</param>
/// <param name="Units">Smallest units, a decimal string; null when the amount is left open.</param>
/// <param name="CreatedAt">The node's time of making it.</param>
/// <param name="ExpiresAt">Until when it can be paid.</param>
internal sealed record ObservedInvoice(
    string Invoice,
    string PaymentHash,
    string? Asset,
    string AssetText,
    string? Units,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(EnumNameJsonConverter<ObservedStatus>), typeof(EnumNameJsonConverter<PayoutDoubtKind>)],
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IssueInvoice))]
[JsonSerializable(typeof(CancelInvoice))]
[JsonSerializable(typeof(InvoiceObserved))]
[JsonSerializable(typeof(AdvanceWithdrawal))]
[JsonSerializable(typeof(AdvanceMovement))]
internal sealed partial class MessagesJson : JsonSerializerContext;
