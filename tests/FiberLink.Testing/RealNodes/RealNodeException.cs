namespace FiberLink.Testing.RealNodes;

/// <summary>The real nodes could not be started, or did not do what was asked. The message says what they said last.</summary>
public sealed class RealNodeException(string message, Exception? inner = null) : Exception(message, inner);
