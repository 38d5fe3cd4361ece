namespace FiberLink.HubNode;

/// <summary>The node cannot be used with these settings. The message names the setting and repeats no secret.</summary>
public sealed class HubNodeSettingsException(string message) : Exception(message);
