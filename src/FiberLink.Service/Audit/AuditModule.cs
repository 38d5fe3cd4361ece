using FiberLink.EventStore.Sealing;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Exports;
using FiberLink.Service.Audit.Packs;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Audit;

/// <summary>The sealed log.</summary>
internal static class AuditModule
{
    public static IServiceCollection AddAudit(this IServiceCollection services, ServiceSettings settings) =>
        services
            .AddSingleton(s => new CheckpointBook(
                s.GetRequiredService<NpgsqlDataSource>(), settings.Audit.Origin, null, s.GetRequiredService<TimeProvider>()))
            .AddSingleton(s => new SealKeys(
                s.GetRequiredService<NpgsqlDataSource>(), settings.Audit.Origin, s.GetRequiredService<TimeProvider>()))
            .AddSingleton<SealedTree>()
            .AddSingleton<LiabilityRoots>()
            .AddSingleton<AuditPages>()
            .AddSingleton<LogSealing>();

    /// <summary>For the command line: the log is sealed by the service.</summary>
    public static IServiceCollection AddAuditAdministration(this IServiceCollection services) =>
        services
            .AddSingleton(s => new PackWriter(
                s.GetRequiredService<NpgsqlDataSource>(),
                s.GetRequiredService<LedgerBooks>(),
                s.GetRequiredService<ExportSources>(),
                s.GetRequiredService<AssetSettings>(),
                new SealKeys(
                    s.GetRequiredService<NpgsqlDataSource>(),
                    s.GetRequiredService<ServiceSettings>().Audit.Origin,
                    s.GetRequiredService<TimeProvider>()),
                s.GetRequiredService<TimeProvider>()))
            .AddSingleton(s => new LiabilityPublishing(
            s.GetRequiredService<CommandHandler>(),
            s.GetRequiredService<LedgerBooks>(),
            s.GetRequiredService<AssetSettings>(),
            s.GetRequiredService<NpgsqlDataSource>(),
            s.GetRequiredService<Ids>(),
            s.GetRequiredService<TimeProvider>()));

    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        app.MapGet("/audit/checkpoint", (HttpContext http, AuditPages pages) => pages.CheckpointAsync(http));
        app.MapGet("/audit/keys", (HttpContext http, AuditPages pages) => pages.KeysAsync(http));
        app.MapGet(
            "/audit/liabilities", (HttpContext http, string? after, AuditPages pages) => pages.LiabilitiesAsync(http, after));
        app.MapGet("/audit/tile/{**path}", (HttpContext http, string path, AuditPages pages) => pages.TileAsync(http, path));
    }
}
