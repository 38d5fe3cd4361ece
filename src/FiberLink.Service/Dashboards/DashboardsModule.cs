namespace FiberLink.Service.Dashboards;

/// <summary>What is shown: a member's dashboard and the feed of settled tips.</summary>
internal static class DashboardsModule
{
    public static IServiceCollection AddDashboards(this IServiceCollection services) =>
        services
            .AddSingleton<AdminOverview>()
            .AddSingleton<GetDashboardSummary>()
            .AddSingleton<GetSettledFeed>()
            .AddSingleton(s => s.GetRequiredService<GetDashboardSummary>().Method)
            .AddSingleton(s => s.GetRequiredService<GetSettledFeed>().Method);
}
