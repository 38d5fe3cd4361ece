namespace FiberLink.Projections.Treasury;

/// <summary>How far a movement has come, as it is shown.</summary>
public enum MovementStage
{
    /// <summary>Somebody else must agree.</summary>
    Requested = 1,

    /// <summary>It is to be done, and nothing is under way.</summary>
    Approved = 2,

    /// <summary>The intent is stored; whether the network has it is not known.</summary>
    Prepared = 3,

    /// <summary>The network has it.</summary>
    Sent = 4,

    /// <summary>A block has it.</summary>
    InBlock = 5,

    /// <summary>It is where it was to be.</summary>
    Completed = 6,

    /// <summary>The books have it.</summary>
    Booked = 7,
    Failed = 8,
    Cancelled = 9,

    /// <summary>It was complete, and a reorganisation has undone it for good.</summary>
    Lost = 10,

    /// <summary>It was lost, and is where it was to be all the same.</summary>
    ArrivedAfterLoss = 11,
}

public enum MovementKind
{
    /// <summary>From the hot wallet to a cold address.</summary>
    Sweep = 1,

    /// <summary>Capital put in or taken out past this service.</summary>
    Booking = 2,

    /// <summary>From the hot wallet into a new channel.</summary>
    ToChannel = 3,

    /// <summary>From a channel that is closed into the hot wallet.</summary>
    ToChain = 4,
}
