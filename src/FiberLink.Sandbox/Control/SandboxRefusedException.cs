namespace FiberLink.Sandbox.Control;

/// <summary>The sandbox won't do it; the message says why, for people.</summary>
public sealed class SandboxRefusedException(string message) : Exception(message);
