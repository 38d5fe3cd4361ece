using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.Communities;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Secrets;

namespace FiberLink.Service.Members;

/// <summary>What operators do for one member: give out what is on record, erase what was written. Nothing happens by itself.</summary>
internal static class MembersModule
{
    public static IServiceCollection AddMembers(this IServiceCollection services) =>
        services
            .AddSingleton<MemberStreamsQuery>()
            .AddSingleton<MemberStreams>()
            .AddSingleton<MemberExport>()
            .AddSingleton(s => new MemberErasure(
                s.GetRequiredService<MemberKeys>(),
                s.GetRequiredService<MemberStreamsQuery>(),
                s.GetRequiredService<CommunitiesQuery>(),
                s.GetRequiredService<IEventStore>(),
                s.GetRequiredService<Ids>(),
                s.GetRequiredService<TimeProvider>()));
}
