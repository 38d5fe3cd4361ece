namespace FiberLink.Messaging;

/// <summary>How much a node takes on, and what it goes by.</summary>
public sealed record MessagingOptions
{
    /// <summary>The fewest and the most messages that a node may be told to handle at once.</summary>
    public const int InFlightMinimum = 1;

    /// <inheritdoc cref="InFlightMinimum"/>
    public const int InFlightMaximum = 1_000;

    /// <summary>How many messages a node handles at once.</summary>
    public int InFlightMax { get; init; } = 16;

    /// <summary>How large the bodies of the messages in hand may be together, in bytes as stored.</summary>
    public long BytesInFlightMax { get; init; } = 16 << 20;

    /// <summary>How long a message is a node's without being renewed.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a node says that it lives, and looks for others that don't.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that has been silent for so long has lost what it had.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it is remembered that a message was handled.</summary>
    public TimeSpan HandledKept { get; init; } = TimeSpan.FromDays(7);
}
