using FiberLink.Messaging;

namespace FiberLink.Service.Startup;

/// <summary>What is sent again and again, and when: one line each. What is taken off the list stops.</summary>
internal static class MessageSchedules
{
    private const string Owner = "service";

    public static ScheduleList All(IServiceProvider services) => new(Owner);
}
