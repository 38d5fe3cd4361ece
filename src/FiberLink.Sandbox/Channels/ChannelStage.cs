namespace FiberLink.Sandbox.Channels;

/// <summary>How far a channel is.</summary>
internal enum ChannelStage
{
    Ready = 0,

    /// <summary>Its funding was sent, and is in no block yet.</summary>
    AwaitingReady = 1,

    /// <summary>Its funding can never be in a block.</summary>
    Aborted = 2,

    /// <summary>It is to be closed, as soon as nothing is under way in it.</summary>
    ShuttingDown = 3,

    /// <summary>What closes it was sent, and is in no block yet.</summary>
    Closing = 4,

    Closed = 5,
}
