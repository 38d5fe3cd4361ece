namespace FiberLink.Postgres;

/// <summary>A row that must commit together with the events of a command, or not at all: an outgoing message, an answer on record.</summary>
public abstract record CommitRow;
