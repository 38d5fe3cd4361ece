using FiberLink.EventStore;
using FiberLink.Service.CommandHandling;
using Npgsql;

namespace FiberLink.Service.Operations;

/// <summary>What operators decide about how things run.</summary>
internal static class OperationsModule
{
    public static IServiceCollection AddProjectionAdministration(this IServiceCollection services) =>
        services.AddSingleton(s => new ProjectionAdministration(
            s.GetRequiredService<NpgsqlDataSource>(),
            s.GetRequiredService<IEventStore>(),
            s.GetRequiredService<Ids>(),
            s.GetRequiredService<TimeProvider>()));
}
