using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore;
using FiberLink.Projections;

namespace FiberLink.Cli.Commands;

/// <summary>An event that a proof discloses.</summary>
/// <param name="Position">Where it is in the log.</param>
/// <param name="Json">All that was sealed of it.</param>
internal sealed record ProvenEvent(long Position, JsonObject Json)
{
    /// <summary>The community.</summary>
    public string Tenant => (string?)Json["tenant"] ?? "";

    public string Stream => (string?)Json["stream"] ?? "";

    public long Version => (long?)Json["version"] ?? 0;

    public string Type => (string?)Json["type"] ?? "";

    public DateTimeOffset At { get; } = (DateTimeOffset?)Json["at"] ?? default;

    /// <summary>The event; null when it is none that this version of the program knows.</summary>
    public object? Body
    {
        get
        {
            try
            {
                return Json["data"] is { } data ? StoredEvents.Catalogue.Read(Type, data.ToJsonString()) : null;
            }
            catch (Exception unknown) when (unknown is UnreadableEventException or JsonException or ArgumentException)
            {
                return null;
            }
        }
    }

    /// <summary>Its main facts.</summary>
    public string Facts => Json["data"] is { } data ? EventFacts.Offline.Of(data, Stream, At) : "";

    public string Moment => At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <exception cref="CommandFailedException">What was sealed is no event.</exception>
    public static ProvenEvent Of(LogProof proof)
    {
        try
        {
            return new(proof.Index + 1, JsonNode.Parse(Encoding.UTF8.GetString(proof.Disclosed.Span))!.AsObject());
        }
        catch (Exception strange) when (strange is JsonException or InvalidOperationException or FormatException)
        {
            throw new CommandFailedException(ExitCode.Refused, "What it shows to be in the log is no event.");
        }
    }
}
