using System.Globalization;

namespace FiberLink.Messaging;

/// <summary>A message that is sent again and again.</summary>
/// <param name="Name">Stable, one of its kind in the database, such as <c>expire-tips</c>.</param>
/// <param name="Recurrence">When.</param>
/// <param name="CatchUp">What becomes of what was missed.</param>
/// <param name="MessageName">The message's stored name.</param>
/// <param name="Tenant">The community that the message is of.</param>
/// <param name="Body">The message, as strict JSON.</param>
public sealed record Schedule(string Name, Recurrence Recurrence, CatchUp CatchUp, string MessageName, string Tenant, string Body)
{
    public string Name { get; init => field = Bounds.Text(value, Bounds.NameLengthMax, nameof(Name)); } =
        Bounds.Text(Name, Bounds.NameLengthMax, nameof(Name));

    public string MessageName { get; init => field = Bounds.Text(value, Bounds.NameLengthMax, nameof(MessageName)); } =
        Bounds.Text(MessageName, Bounds.NameLengthMax, nameof(MessageName));

    public string Tenant { get; init => field = Bounds.Text(value, Bounds.TenantLengthMax, nameof(Tenant)); } =
        Bounds.Text(Tenant, Bounds.TenantLengthMax, nameof(Tenant));

    public string Body { get; init => field = Bounds.Bytes(value, OutgoingMessage.BodyBytesMax, nameof(Body)); } =
        Bounds.Bytes(Body, OutgoingMessage.BodyBytesMax, nameof(Body));

    /// <summary>A message that is not handled so long after its time is finished as expired; null when it is always worth it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no time at all.</exception>
    public TimeSpan? ExpiresAfter
    {
        get;
        init => field = value is { } after && after <= TimeSpan.Zero
            ? throw new ArgumentOutOfRangeException(nameof(ExpiresAfter), value, "A message is worth handling for some time.")
            : value;
    }

    /// <summary>The message for one of its times. It is the same one however often it is made, so that it is sent once.</summary>
    internal OutgoingMessage MessageFor(DateTimeOffset dueAt)
    {
        var cause = string.Create(CultureInfo.InvariantCulture, $"schedule {Name} {dueAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        return new(MessageId.Of(cause), MessageName, Tenant, Body, dueAt, cause, null) { ExpiresAt = dueAt + ExpiresAfter };
    }
}
