using System.Text.Json.Serialization.Metadata;
using FiberLink.Events.Withdrawals;

namespace FiberLink.Events;

/// <summary>Parts of events that read models keep as they are stored.</summary>
public static class StoredJson
{
    public static JsonTypeInfo<PayoutLimits> PayoutLimits => EventsJson.Default.PayoutLimits;
}
