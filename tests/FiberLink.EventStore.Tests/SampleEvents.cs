using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FiberLink.Postgres;

namespace FiberLink.EventStore.Tests;

/// <summary>An event of these tests.</summary>
public sealed record Noted(string Text, int Weight = 0, NotedBy? By = null);

public sealed record NotedBy(string Name, Guid Id, DateTimeOffset At);

/// <summary>What <see cref="Noted"/> might become: its text has a language.</summary>
public sealed record NotedInLanguage(string Words, string Language);

/// <summary>An event that nothing catalogues.</summary>
public sealed record Unheard(string Text);

/// <summary>An event whose JSON says its type first, and is only understood when it still does when it is read.</summary>
[JsonPolymorphic]
[JsonDerivedType(typeof(Circle), "circle")]
public abstract record Shape;

public sealed record Circle(int R) : Shape;

public sealed record Drawn(Shape It);

/// <summary>A row that commits with events; no two may have the same key.</summary>
public sealed record SampleRow(string Key) : CommitRow
{
    public const string Unique = "one_sample_per_key";
}

/// <summary>A row that nothing takes.</summary>
public sealed record StrayRow : CommitRow;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Noted))]
[JsonSerializable(typeof(NotedInLanguage))]
[JsonSerializable(typeof(Drawn))]
internal sealed partial class SampleJson : JsonSerializerContext;

internal static class Sample
{
    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static StreamId Stream { get; } = new("demo", "note-1");

    public static EventCatalogue Catalogue { get; } = new([("noted.v1", SampleJson.Default.Noted)]);

    /// <summary>A later version of the program: the event has been renamed twice, and its shape changed both times.</summary>
    public static EventCatalogue LaterCatalogue { get; } = new(
        [("noted.v3", SampleJson.Default.NotedInLanguage)],
        [
            new Upcast("noted.v1", "noted.v2", old => new JsonObject { ["words"] = old["text"]!.DeepClone() }),
            new Upcast("noted.v2", "noted.v3", old => new JsonObject { ["words"] = old["words"]!.DeepClone(), ["language"] = "en" }),
        ]);

    public static NewEvent Note(string text) => new(Guid.CreateVersion7(), new Noted(text));

    public static Change Notes(StreamId stream, ExpectedVersion expected, params string[] texts) =>
        new([new(stream, expected, [.. texts.Select(Note)])], EventMetadata.None, Noon);

    public static Change Notes(params string[] texts) => Notes(Stream, ExpectedVersion.Any, texts);

    public static Change Claiming(Claim claim, DateTimeOffset at) => new([], EventMetadata.None, at) { Claims = [claim] };

    public static string Text(RecordedEvent @event) => ((Noted)@event.Body).Text;
}
