namespace FiberLink.Sandbox.Wire;

/// <summary>The node panics: whoever called gets no answer.</summary>
public sealed class NodePanicException() : Exception("The node panics.");
