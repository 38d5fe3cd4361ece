namespace FiberLink.EventStore;

/// <summary>What an append presumes about the stream it appends to.</summary>
public readonly record struct ExpectedVersion
{
    private readonly long? _version;

    private ExpectedVersion(long? version) => _version = version;

    /// <summary>The stream must not exist.</summary>
    public static ExpectedVersion NoStream { get; } = new(0);

    /// <summary>Whatever the version is. Two such appends at once both succeed, one after the other.</summary>
    public static ExpectedVersion Any { get; }

    /// <summary>The stream has exactly this many events; 0 is <see cref="NoStream"/>.</summary>
    public static ExpectedVersion Exactly(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        return new(version);
    }

    /// <summary>The version that is presumed; null when any will do.</summary>
    internal long? Version => _version;

    public bool Admits(long version) => _version is null || _version == version;

    public override string ToString() => _version switch { null => "any", 0 => "no stream", { } v => $"{v}" };
}
