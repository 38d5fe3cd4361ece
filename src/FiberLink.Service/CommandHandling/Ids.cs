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

    /// <summary>Reads an id in whatever form it is printed: with hyphens or without, alone or as the name of its stream.</summary>
    /// <param name="kind">What a stream of it is named with: withdrawal, adjustment, movement, tip.</param>
    /// <param name="text">What somebody wrote.</param>
    /// <returns>Null for what is no id of this kind.</returns>
    public static Guid? Read(string kind, string text) =>
        Guid.TryParse(text.StartsWith($"{kind}-", StringComparison.Ordinal) ? text[(kind.Length + 1)..] : text, out var id) ? id : null;
}
