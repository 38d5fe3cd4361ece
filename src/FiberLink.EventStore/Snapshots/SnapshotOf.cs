using System.Text.Json.Serialization.Metadata;

namespace FiberLink.EventStore.Snapshots;

/// <summary>What is kept of a stream, and how its events become that.</summary>
/// <typeparam name="TState">Immutable: a snapshot and all who start from nothing share it.</typeparam>
public sealed class SnapshotOf<TState>
    where TState : notnull
{
    /// <summary>A stream that has grown by as many events since its last snapshot gets a new one, unless said otherwise.</summary>
    public const int DefaultTailEventsMin = 100;

    /// <param name="name">What the state is called where snapshots are kept; 1 to 200 characters.</param>
    /// <param name="start">The state of an empty stream.</param>
    /// <param name="fold">Pure: the state after one more event.</param>
    /// <param name="json">How the state is written. Whatever the fold needs must survive being written and read.</param>
    /// <param name="foldVersion">To be raised when the fold comes to mean something else while the state's shape stays the same.</param>
    /// <param name="tailEventsMin">At least 1: how many events after the last snapshot call for a new one.</param>
    /// <exception cref="ArgumentException">The name cannot be stored, or the tail is none.</exception>
    public SnapshotOf(
        string name,
        TState start,
        Func<TState, RecordedEvent, TState> fold,
        JsonTypeInfo<TState> json,
        int foldVersion = 1,
        int tailEventsMin = DefaultTailEventsMin)
    {
        if (!StoredText.IsName(name, StreamId.LengthMax))
        {
            throw new ArgumentException(
                $"A state's name has 1 to {StreamId.LengthMax} characters that can be stored: '{name}' has not.", nameof(name));
        }

        if (tailEventsMin < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(tailEventsMin), tailEventsMin, "A snapshot is taken after at least one event: give 1 or more.");
        }

        (Name, Start, Fold, Json, TailEventsMin) = (name, start, fold, json, tailEventsMin);
        Shape = StateShape.Of(json, foldVersion);
    }

    public string Name { get; }

    public TState Start { get; }

    public Func<TState, RecordedEvent, TState> Fold { get; }

    public JsonTypeInfo<TState> Json { get; }

    public int TailEventsMin { get; }

    /// <summary>A hash of the state's JSON shape and the fold's version. A snapshot that was taken under another one is not used.</summary>
    public string Shape { get; }
}
