using FiberLink.Service.Adjustments;
using FiberLink.Service.Audit;
using FiberLink.Service.Dashboards;
using FiberLink.Service.Members;
using FiberLink.Service.Operations;
using FiberLink.Service.Rates;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Rpc;
using FiberLink.Service.Settlements;
using FiberLink.Service.Startup;
using FiberLink.Service.Telemetry;
using FiberLink.Service.Tips;
using FiberLink.Service.Treasury;
using FiberLink.Service.Wallet;
using FiberLink.Service.Withdrawals;

namespace FiberLink.Service;

/// <summary>The service, put together: a table of contents.</summary>
public static class ServiceHost
{
    /// <summary>Everything but the HTTP server and the loops; for the command line, which looks and leaves.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="replace">Registers last, and so wins: another clock, say.</param>
    public static ServiceProvider BuildTools(ServiceSettings settings, Action<IServiceCollection>? replace = null)
    {
        var services = new ServiceCollection().AddLogging().AddFoundations(settings).AddLog().AddReadModels().AddCommunities()
            .AddTipAdministration().AddWithdrawalAdministration().AddTreasuryAdministration().AddAdjustments()
            .AddAuditAdministration().AddProjectionAdministration().AddMembers().AddBooksReconciliation();
        replace?.Invoke(services);
        return services.BuildServiceProvider();
    }

    /// <summary>As <see cref="BuildTools"/>, for tools that compare the log with the node and the chain.</summary>
    /// <param name="settings">Its settings, those of the node among them.</param>
    /// <param name="replace">Registers last, and so wins: another clock, say.</param>
    public static ServiceProvider BuildNodeTools(ServiceSettings settings, Action<IServiceCollection>? replace = null) =>
        BuildTools(settings, services =>
        {
            services.AddNode(settings).AddWallet(settings).AddInventory().AddSingleton<InvoiceCheck>().AddReconciliation();
            replace?.Invoke(services);
        });

    /// <summary>The whole service, not yet started.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="logging">Where it logs to.</param>
    /// <param name="replace">Registers last, and so wins: another clock, say.</param>
    public static WebApplication Build(
        ServiceSettings settings, Action<ILoggingBuilder> logging, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "FiberLink.Service" });
        builder.WebHost.UseUrls(settings.Urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // One byte more than is taken, so that the limit's answer is ours.
            kestrel.Limits.MaxRequestBodySize = RpcEndpoint.BodyBytesMax + 1;
        });
        builder.Logging.ClearProviders();
        builder.Logging.Configure(o => o.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        TelemetryExport.AddLogs(builder.Logging);
        logging(builder.Logging);

        builder.Services
            .AddSingleton<IHostLifetime, CallersLifetime>()
            .AddSingleton(_ => TelemetryExport.Start())
            .AddFoundations(settings)
            .AddLog()
            .AddReadModels()
            .AddNode(settings)
            .AddEdge()
            .AddCommunities()
            .AddRates(settings)
            .AddTips()
            .AddWallet(settings)
            .AddWithdrawals()
            .AddTreasury()
            .AddDashboards()
            .AddAudit(settings)
            .AddLoops(settings);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        app.Services.GetRequiredService<TelemetryExport>();
        app.Use(WithoutDoubleSlash);
        app.UseRouting();
        app.MapPost("/rpc", (HttpContext http, RpcEndpoint rpc) => rpc.HandleAsync(http));
        app.MapGet("/healthz/live", CheckHealth.LiveAsync);
        app.MapGet("/healthz/ready", (HttpContext http, CheckHealth health) => health.ReadyAsync(http));
        app.MapAudit();
        return app;
    }

    /// <summary>The plugin does not strip a trailing slash from the address it is given, and then asks for <c>//rpc</c>.</summary>
    private static Task WithoutDoubleSlash(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.Value is { } path && path.StartsWith("//", StringComparison.Ordinal))
        {
            http.Request.Path = "/" + path.TrimStart('/');
        }

        return next(http);
    }
}
