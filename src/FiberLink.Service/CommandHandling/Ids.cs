using FiberLink.EventStore;
using FiberLink.Messaging;

namespace FiberLink.Service.CommandHandling;

/// <summary>Makes ids at the edge, where time and chance come in.</summary>
internal sealed class Ids(TimeProvider time)
{
    /// <summary>A version 7 UUID (RFC 9562): it sorts by time.</summary>
    public Guid Next() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>What was decided, each event under an id of its own.</summary>
    public IReadOnlyList<NewEvent> Of<TEvent>(IEnumerable<TEvent> events)
        where TEvent : notnull =>
        [.. events.Select(e => new NewEvent(Next(), e))];

    /// <summary>The same id for the same name, for what must be asked for once however often it is asked.</summary>
    public static Guid Named(string name) => MessageId.Of(name);
}
