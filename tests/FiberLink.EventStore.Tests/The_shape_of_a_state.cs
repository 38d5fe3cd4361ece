using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FiberLink.EventStore.Tests;

/// <summary>A snapshot is of use only to a program that would have written it in the same way.</summary>
public sealed class The_shape_of_a_state
{
    private static readonly string First = SampleStates.Shape(StatesJson.Default.First);

    [Fact]
    public void Is_neither_the_names_of_its_classes_nor_the_order_of_its_members() =>
        Assert.Equal(First, SampleStates.Shape(StatesJson.Default.SameAsFirst));

    [Fact]
    public void Is_the_same_in_every_run() =>
        Assert.StartsWith("52acc8629b71cd1f4793ee41540535a50b912e18ad239f63bb", First, StringComparison.Ordinal);

    [Fact]
    public void Is_another_for_whatever_else_is_written_or_read_differently()
    {
        string[] shapes =
        [
            First,
            SampleStates.Shape(StatesJson.Default.First, foldVersion: 2),
            SampleStates.Shape(StatesJson.Default.OneMore),
            SampleStates.Shape(StatesJson.Default.OneRenamed),
            SampleStates.Shape(StatesJson.Default.OfAnotherType),
            SampleStates.Shape(StatesJson.Default.OneThatMayBeMissing),
            SampleStates.Shape(StatesJson.Default.OneThatMayBeNull),
            SampleStates.Shape(StatesJson.Default.OneOfMany),
            SampleStates.Shape(StatesJson.Default.ByName),
            SampleStates.Shape(StatesJson.Default.DeepDown),
            SampleStates.Shape(StatesJson.Default.Within),
            SampleStates.Shape(NamedOtherwise()),
        ];

        Assert.Equal(shapes.Length, shapes.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Has_a_name_that_can_be_stored_and_at_least_one_event_between_snapshots()
    {
        Assert.Throws<ArgumentException>(() => SampleStates.Notes(name: ""));
        Assert.Throws<ArgumentException>(() => SampleStates.Notes(name: new('x', StreamId.LengthMax + 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleStates.Notes(tail: 0));
    }

    private static JsonTypeInfo<Shapes.First> NamedOtherwise()
    {
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = StatesJson.Default,
            PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper,
        };
        return (JsonTypeInfo<Shapes.First>)options.GetTypeInfo(typeof(Shapes.First));
    }
}
