namespace FiberLink.Service.Startup;

/// <summary>How the log is sealed.</summary>
public sealed record AuditSettings
{
    /// <summary>What the log is called, unless it is said.</summary>
    public const string OriginDefault = "fiberlink.local/log";

    /// <summary>What the log is called in everything that is signed about it: its address without a scheme.</summary>
    public string Origin { get; init; } = OriginDefault;

    /// <summary>The file with the key that signs checkpoints; null when this process signs none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The key's passphrase. Never logged.</summary>
    public string? Passphrase { get; init; }

    /// <summary>The pause between two checkpoints.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Everything but the passphrase.</summary>
    public override string ToString() => $"{Origin}, {KeyFile ?? "no key"}, every {CheckpointInterval}";
}
