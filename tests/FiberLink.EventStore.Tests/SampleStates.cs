using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FiberLink.EventStore.Snapshots;

namespace FiberLink.EventStore.Tests;

/// <summary>What a stream of notes has come to; it shows which events were folded, how often and in which order.</summary>
public sealed record NotesSeen(
    long Trail, IReadOnlyList<string> Last, IReadOnlyDictionary<string, int> Counts, NotedBy? By, Mood Mood, int? Weight)
{
    public static NotesSeen None { get; } = new(0, [], new Dictionary<string, int>(StringComparer.Ordinal), null, Mood.Calm, null);

    public static NotesSeen Fold(NotesSeen state, RecordedEvent @event)
    {
        var text = @event.Body is Noted noted ? noted.Text : ((NotedInLanguage)@event.Body).Words;
        return new(
            unchecked((state.Trail * 31) + @event.Version),
            [.. state.Last.TakeLast(2), text],
            Counted(state.Counts, text),
            new(text, @event.Id, @event.At),
            text.Length % 2 == 0 ? Mood.Calm : Mood.Excited,
            text.Length > 3 ? null : text.Length);
    }

    private static SortedDictionary<string, int> Counted(IReadOnlyDictionary<string, int> counts, string text) =>
        new(counts.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal) { [text] = counts.GetValueOrDefault(text) + 1 };
}

public enum Mood
{
    Calm = 1,
    Excited = 2,
}

/// <summary>Shapes that differ from each other in one thing, but for the first two, which differ in nothing that is written.</summary>
internal static class Shapes
{
    public sealed record First(int Count, Inner Inner, IReadOnlyList<Inner> Many);

    public sealed record Inner(string Name, int? Size);

    public sealed record SameAsFirst(IReadOnlyList<OtherInner> Many, OtherInner Inner, int Count);

    public sealed record OtherInner(int? Size, string Name);

    public sealed record OneMore(int Count, Inner Inner, IReadOnlyList<Inner> Many, bool IsMore);

    public sealed record OneRenamed(int Total, Inner Inner, IReadOnlyList<Inner> Many);

    public sealed record OfAnotherType(long Count, Inner Inner, IReadOnlyList<Inner> Many);

    public sealed record OneThatMayBeMissing(int? Count, Inner Inner, IReadOnlyList<Inner> Many);

    public sealed record OneThatMayBeNull(int Count, Inner? Inner, IReadOnlyList<Inner> Many);

    public sealed record OneOfMany(int Count, Inner Inner, Inner Many);

    public sealed record ByName(int Count, Inner Inner, IReadOnlyDictionary<string, Inner> Many);

    public sealed record DeepDown(int Count, Inner Inner, IReadOnlyList<DeepInner> Many);

    public sealed record DeepInner(string Name, int Size);

    public sealed record Within(string Name, Within? Next, Shape It);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(NotesSeen))]
[JsonSerializable(typeof(Shapes.First))]
[JsonSerializable(typeof(Shapes.SameAsFirst))]
[JsonSerializable(typeof(Shapes.OneMore))]
[JsonSerializable(typeof(Shapes.OneRenamed))]
[JsonSerializable(typeof(Shapes.OfAnotherType))]
[JsonSerializable(typeof(Shapes.OneThatMayBeMissing))]
[JsonSerializable(typeof(Shapes.OneThatMayBeNull))]
[JsonSerializable(typeof(Shapes.OneOfMany))]
[JsonSerializable(typeof(Shapes.ByName))]
[JsonSerializable(typeof(Shapes.DeepDown))]
[JsonSerializable(typeof(Shapes.Within))]
internal sealed partial class StatesJson : JsonSerializerContext;

internal static class SampleStates
{
    public static SnapshotOf<NotesSeen> Notes(int tail = 1, int foldVersion = 1, string name = "notes") =>
        new(name, NotesSeen.None, NotesSeen.Fold, StatesJson.Default.NotesSeen, foldVersion, tail);

    public static string Shape<TState>(JsonTypeInfo<TState> json, int foldVersion = 1)
        where TState : class =>
        new SnapshotOf<TState>("any", null!, (state, _) => state, json, foldVersion).Shape;

    /// <summary>A state in comparable form.</summary>
    public static string Written(NotesSeen state) => JsonSerializer.Serialize(state, StatesJson.Default.NotesSeen);
}
