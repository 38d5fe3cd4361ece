namespace FiberLink.Service.Rates;

/// <summary>What knows the worth of things in dollars.</summary>
internal static class RatesModule
{
    public static IServiceCollection AddRates(this IServiceCollection services, Startup.ServiceSettings settings) =>
        services
            .AddSingleton(_ => new RateHttpClient())
            .AddSingleton<RateReader>()
            .AddSingleton(s => new RateBook(settings.Usd, s.GetRequiredService<TimeProvider>()))
            .AddSingleton<RateRefresher>()
            .AddSingleton<UsdRates>();
}
