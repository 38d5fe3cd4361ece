using System.Collections.Immutable;
using FiberLink.Chain.Signing.Policy;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>Steps on the way to a signature. Tests stop at them.</summary>
public enum SignerStep
{
    /// <summary>The request is read, and the cells are looked up; nothing is decided.</summary>
    CellsSeen = 1,

    /// <summary>It fits the limits, and is not written yet.</summary>
    Decided = 2,

    /// <summary>It is in the journal, and not signed yet.</summary>
    Journaled = 3,

    /// <summary>It is signed, and not answered yet.</summary>
    SignatureMade = 4,
}

/// <summary>How a signer is to serve.</summary>
public sealed record SignerServerOptions
{
    /// <summary>What it signs.</summary>
    public required SignerPolicy Policy { get; init; }

    /// <summary>Where it listens. The folder is the server's user's alone; it is made where there is none.</summary>
    public required string SocketPath { get; init; }

    /// <summary>What it has signed. It is made where there is none.</summary>
    public required string JournalPath { get; init; }

    /// <summary>
    /// Users besides its own who may ask. With any, the socket is its group's too, and the folder may be entered by the group.
    /// </summary>
    public ImmutableArray<uint> AllowedUserIds { get; init; } = [];

    /// <summary>
    /// Believe clients what cells hold, where there is no node to look them up at: for tests and the sandbox alone, as a client that
    /// describes its cells as smaller than they are would hide a fee of any size.
    /// </summary>
    public bool BelievesClients { get; init; }

    /// <summary>For a client to say what it wants.</summary>
    public TimeSpan ReadTimeMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the cells to be looked up, and the answer to be written.</summary>
    public TimeSpan AnswerTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A line for the log: no secrets are in it.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Called at each step, and waited for: for tests.</summary>
    public Func<SignerStep, CancellationToken, Task> AtStepAsync { get; init; } = (_, _) => Task.CompletedTask;
}
