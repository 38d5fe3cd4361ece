using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FiberLink.Events.Communities;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;

namespace FiberLink.Events;

/// <summary>The name an event is stored under, and how its body is written.</summary>
public sealed record EventContract(string Name, JsonTypeInfo Json);

/// <summary>Every stored event, one line each. The names are data: they outlive the C# type names.</summary>
public static class EventContracts
{
    public static IReadOnlyList<EventContract> All { get; } =
    [
        new("community.registered.v1", EventsJson.Default.CommunityRegistered),
        new("community.secret_rotated.v1", EventsJson.Default.CommunitySecretRotated),
        new("tip.requested.v1", EventsJson.Default.TipRequested),
        new("tip.invoice_issued.v1", EventsJson.Default.TipInvoiceIssued),
        new("tip.payment_received.v1", EventsJson.Default.TipPaymentReceived),
        new("tip.settled.v1", EventsJson.Default.TipSettled),
        new("tip.expired.v1", EventsJson.Default.TipExpired),
        new("tip.cancelled.v1", EventsJson.Default.TipCancelled),
        new("tip.suspended.v1", EventsJson.Default.TipSuspended),
    ];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(EnumNameJsonConverter<Account>),
        typeof(EnumNameJsonConverter<HashAlgorithm>),
        typeof(EnumNameJsonConverter<CancelReason>),
        typeof(EnumNameJsonConverter<InvoiceDifference>),
    ],
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CommunityEvent.Registered), TypeInfoPropertyName = "CommunityRegistered")]
[JsonSerializable(typeof(CommunityEvent.SecretRotated), TypeInfoPropertyName = "CommunitySecretRotated")]
[JsonSerializable(typeof(TipEvent.Requested), TypeInfoPropertyName = "TipRequested")]
[JsonSerializable(typeof(TipEvent.InvoiceIssued), TypeInfoPropertyName = "TipInvoiceIssued")]
[JsonSerializable(typeof(TipEvent.PaymentReceived), TypeInfoPropertyName = "TipPaymentReceived")]
[JsonSerializable(typeof(TipEvent.Settled), TypeInfoPropertyName = "TipSettled")]
[JsonSerializable(typeof(TipEvent.Expired), TypeInfoPropertyName = "TipExpired")]
[JsonSerializable(typeof(TipEvent.Cancelled), TypeInfoPropertyName = "TipCancelled")]
[JsonSerializable(typeof(TipEvent.Suspended), TypeInfoPropertyName = "TipSuspended")]
internal sealed partial class EventsJson : JsonSerializerContext;
