namespace FiberLink.EventStore;

/// <summary>An event as the tables have it.</summary>
/// <param name="Name">The stored name of its type.</param>
/// <param name="DotnetType">The type as Marten writes it: <c>Namespace.Type, Assembly</c>.</param>
/// <param name="Body">JSON in UTF-8.</param>
internal readonly record struct StoredEvent(string Name, string DotnetType, byte[] Body);
