namespace FiberLink.Postgres;

/// <summary>A row that must commit together with the events of a command: an outgoing message, an answer on record.</summary>
public abstract record CommitRow;
