namespace FiberLink.Messaging;

/// <summary>What is particular about the messages of one name.</summary>
public sealed record HandlerOptions
{
    public static HandlerOptions Default { get; } = new();

    /// <summary>When a failed message is tried again, and when it is given up.</summary>
    public RetrySchedule Retries { get; init; } = RetrySchedule.Default;

    /// <summary>Exceptions that no further attempt can help, besides <see cref="CannotBeHandledException"/>.</summary>
    public IReadOnlyList<Type> PermanentFailures { get; init; } = [];

    /// <summary>True when a dead letter stops its key until an operator has replayed or discarded it; else the key goes on.</summary>
    public bool DeadLetterStopsKey { get; init; }

    /// <summary>How many a node handles at once; null leaves it to what the node handles at all.</summary>
    public int? ConcurrencyMax { get; init; }

    /// <summary>An attempt that takes longer has failed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// What the handler depends on, such as <c>fiber-node</c>: when that is away, its messages wait without being tried; null for nothing.
    /// </summary>
    public string? Destination { get; init => field = Bounds.TextOrNone(value, Bounds.NameLengthMax, nameof(Destination)); }

    internal bool IsPermanent(Exception failure) =>
        failure is CannotBeHandledException || PermanentFailures.Any(t => t.IsInstanceOfType(failure));
}

/// <summary>Handles one message.</summary>
/// <remarks>
/// It commits its effect together with the message's marker. Coming back means that the marker is committed, by this call
/// or by an earlier one. Throwing means that it is not known to be.
/// </remarks>
public interface IMessageHandling
{
    /// <summary>What is particular about the messages of a name.</summary>
    HandlerOptions OptionsOf(string name) => HandlerOptions.Default;

    /// <summary>
    /// The names that may have no room: as many as may be are handled already, or what they depend on is away. Those of one type, its old
    /// names with its present one, share theirs.
    /// </summary>
    IEnumerable<(string Name, string Type, HandlerOptions Options)> Limited => [];

    /// <exception cref="TryLaterException">What it needs is away.</exception>
    /// <exception cref="CannotBeHandledException">No further attempt can help.</exception>
    /// <exception cref="MessageLostException">Another has the message; nothing was written.</exception>
    Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct);
}
