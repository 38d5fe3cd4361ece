namespace FiberLink.EventStore.Rebuilding;

/// <summary>A read model that cannot be built beside the live one as it is written; the message says why, without its name.</summary>
public sealed class NotRebuildableException(string reason) : Exception(reason);
