using System.Text.Json.Serialization;

namespace FiberLink.Messaging.Tests.Scheduling;

/// <summary>A message of these tests.</summary>
public sealed record Tick(string Of);

[JsonSerializable(typeof(Tick))]
internal sealed partial class TickJson : JsonSerializerContext;

/// <summary>Lists that a component may declare.</summary>
internal static class SchedulesUnderTest
{
    public static MessageType<Tick> Ticks { get; } = new("tick.v1", TickJson.Default.Tick);

    public static OperatorReason Reason { get; } = new("operator:ann", "the node is being moved");

    public static TimeSpan Hour { get; } = TimeSpan.FromHours(1);

    public static Recurrence Hourly { get; } = Recurrence.Every(Hour);

    public static ScheduleList None => new("tests");

    public static ScheduleList Of(
        Recurrence? recurrence = null, CatchUp? catchUp = null, string name = "hourly", string owner = "tests", string of = "this") =>
        new ScheduleList(owner).Send(name, recurrence ?? Hourly, catchUp ?? CatchUp.Once, Ticks, "demo", new(of));
}
