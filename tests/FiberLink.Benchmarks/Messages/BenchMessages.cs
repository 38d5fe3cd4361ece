using System.Text.Json.Serialization;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Messages;

/// <summary>The one message: its effect is one event.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Fails">Whether its handler fails, whatever is tried.</param>
internal sealed record Note(Guid Id, bool Fails);

/// <summary>A message leaves with this event.</summary>
internal sealed record NoteSent(Guid Id);

/// <summary>A message's effect.</summary>
internal sealed record NoteRead(Guid Id);

/// <summary>Changes that send and that handle, each with a stream of its own, as tips have.</summary>
internal static class Notes
{
    public const string Tenant = "bench";

    public static MessageType<Note> Type { get; } = new("note.v1", NotesJson.Default.Note);

    public static EventCatalogue Catalogue { get; } =
        new([("bench.note_sent", NotesJson.Default.NoteSent), ("bench.note_read", NotesJson.Default.NoteRead)]);

    public static Change Sending(OutgoingMessage message) =>
        Changing($"sent-{message.Id:N}", new NoteSent(message.Id), message);

    public static Change Reading(Note note, HandledMarker marker) => Changing($"read-{note.Id:N}", new NoteRead(note.Id), marker);

    public static OutgoingMessage Message(Note note, string? key) =>
        new(note.Id, Type.Name, Tenant, Type.Write(note), TimeProvider.System.GetUtcNow(), null, null) { OrderingKey = key };

    private static Change Changing(string stream, object @event, CommitRow row) =>
        new(
            [new(new(Tenant, stream), ExpectedVersion.NoStream, [new(Guid.CreateVersion7(), @event)])],
            EventMetadata.None,
            TimeProvider.System.GetUtcNow()) { Rows = [row] };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Note))]
[JsonSerializable(typeof(NoteSent))]
[JsonSerializable(typeof(NoteRead))]
internal sealed partial class NotesJson : JsonSerializerContext;
