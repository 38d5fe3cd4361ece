using FiberLink.EventStore;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.Adjustments;
using FiberLink.Projections.Communities;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Adjustments;

/// <summary>The corrections' part of the service. Only operators' tools need it: nothing happens by itself.</summary>
internal static class AdjustmentsModule
{
    public static IServiceCollection AddAdjustments(this IServiceCollection services) =>
        services
            .AddSingleton<AdjustmentsQuery>()
            .AddSingleton(s => new AdjustmentAdministration(
                s.GetRequiredService<CommandHandler>(),
                s.GetRequiredService<CommunitiesQuery>(),
                s.GetRequiredService<AccountBalancesQuery>(),
                s.GetRequiredService<AdjustmentsQuery>(),
                s.GetRequiredService<IEventStore>(),
                s.GetRequiredService<Ids>(),
                s.GetRequiredService<TimeProvider>()));
}
