using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rpc;
using FiberLink.Service.Tips.Administration;

namespace FiberLink.Service.Tips;

/// <summary>The tips' part of the service: its methods and its message handlers.</summary>
internal static class TipsModule
{
    /// <summary>What operators see; it changes nothing.</summary>
    public static IServiceCollection AddTipAdministration(this IServiceCollection services) =>
        services.AddSingleton<TipReports>();

    public static IServiceCollection AddTips(this IServiceCollection services) =>
        services
            .AddSingleton<TipCommands>()
            .AddSingleton<IHubTips, HubTips>()
            .AddSingleton<InvoiceIssuer>()
            .AddSingleton<CreateTip>()
            .AddSingleton<GetTipStatus>()
            .AddSingleton(s => s.GetRequiredService<CreateTip>().Method)
            .AddSingleton<RpcMethod>(s => s.GetRequiredService<GetTipStatus>().Methods.First())
            .AddSingleton<RpcMethod>(s => s.GetRequiredService<GetTipStatus>().Methods.Last())
            .AddSingleton<IssueInvoiceHandler>()
            .AddSingleton<CancelInvoiceHandler>()
            .AddSingleton<InvoiceObservedHandler>();
}
