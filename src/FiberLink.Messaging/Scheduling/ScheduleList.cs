namespace FiberLink.Messaging;

/// <summary>What is sent again and again: a list that one can read, of one component.</summary>
/// <param name="owner">The component, such as <c>service</c>; what it declared before and has no more in this list stops.</param>
public sealed class ScheduleList(string owner)
{
    private readonly Dictionary<string, Schedule> _byName = new(StringComparer.Ordinal);

    public string Owner { get; } = Bounds.Text(owner, Bounds.NameLengthMax, nameof(owner));

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<Schedule> All => [.. _byName.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>Says what is sent when.</summary>
    /// <param name="name">Stable, one of its kind in the database, such as <c>expire-tips</c>.</param>
    /// <param name="recurrence">When.</param>
    /// <param name="catchUp">What becomes of what was missed while no node was there.</param>
    /// <param name="type">The message's type.</param>
    /// <param name="tenant">The community that the message is of.</param>
    /// <param name="message">The message; it is the same each time. When it was due is in its correlation id.</param>
    /// <param name="expiresAfter">How long after its time a message is worth handling; null for ever.</param>
    /// <exception cref="ArgumentException">The list has the name already.</exception>
    public ScheduleList Send<T>(
        string name, Recurrence recurrence, CatchUp catchUp, MessageType<T> type, string tenant, T message, TimeSpan? expiresAfter = null)
        where T : class =>
        _byName.TryAdd(name, new(name, recurrence, catchUp, type.Name, tenant, type.Write(message)) { ExpiresAfter = expiresAfter })
            ? this
            : throw new ArgumentException($"'{name}' is there twice.", nameof(name));
}
