using System.Text.Json.Serialization;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.MessageWorker;

/// <summary>The one message: its effect is an event, and sometimes more letters.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Tenant">The community.</param>
/// <param name="Key">Its ordering key; empty for none.</param>
/// <param name="Generations">How many times more may follow from it.</param>
public sealed record Letter(Guid Id, string Tenant, string Key, int Generations);

/// <summary>Letters that commit with this event.</summary>
public sealed record Asked(IReadOnlyList<Letter> Letters);

/// <summary>A letter's effect.</summary>
/// <param name="Letter">Whose.</param>
/// <param name="Worker">Who brought it about.</param>
/// <param name="Next">Letters that commit with it.</param>
public sealed record Done(Letter Letter, string Worker, IReadOnlyList<Letter> Next);

/// <summary>What the workers share: the tables, the events, the message.</summary>
public static class Letters
{
    public static IReadOnlyList<Migration> Migrations { get; } = [.. EventStoreSchema.Migrations, .. MessagingSchema.Migrations];

    public static EventCatalogue Catalogue { get; } =
        new([("asked.v1", LettersJson.Default.Asked), ("done.v1", LettersJson.Default.Done)]);

    public static MessageType<Letter> Type { get; } = new("letter.v1", LettersJson.Default.Letter);

    public static PostgresEventStore Open(NpgsqlDataSource database) =>
        new(database, Catalogue, [], [new OutboxWriter(TimeProvider.System)]);

    /// <summary>The event of letters that are asked for, and the letters, as one change.</summary>
    /// <param name="letters">At least one.</param>
    /// <param name="tenant">The stream's.</param>
    /// <param name="stream">The stream's name.</param>
    public static Change Asking(IReadOnlyList<Letter> letters, string tenant, string stream) =>
        Changing(new(tenant, stream), new Asked(letters), [.. letters.Select(Sent)]);

    /// <summary>A letter's effect with its marker, and the letters that follow from it, as one change.</summary>
    public static Change Doing(Letter letter, string worker, IReadOnlyList<Letter> next, HandledMarker marker) =>
        Changing(
            new(letter.Tenant, $"done-{(letter.Key.Length > 0 ? letter.Key : worker)}"),
            new Done(letter, worker, next),
            [marker, .. next.Select(Sent)]);

    private static Change Changing(StreamId stream, object @event, IReadOnlyList<CommitRow> rows) =>
        new(
            [new(stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), @event)])],
            EventMetadata.None,
            TimeProvider.System.GetUtcNow()) { Rows = rows };

    private static OutgoingMessage Sent(Letter letter) =>
        new(letter.Id, Type.Name, letter.Tenant, Type.Write(letter), TimeProvider.System.GetUtcNow(), null, null)
        {
            OrderingKey = letter.Key.Length > 0 ? letter.Key : null,
        };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Letter))]
[JsonSerializable(typeof(Asked))]
[JsonSerializable(typeof(Done))]
public sealed partial class LettersJson : JsonSerializerContext;
