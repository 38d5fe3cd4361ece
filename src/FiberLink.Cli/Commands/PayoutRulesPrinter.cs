using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Domain.Withdrawals;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections.PayoutRules;
using FiberLink.Service.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary>Prints limits and stops.</summary>
internal static class PayoutRulesPrinter
{
    private const string NoLimit = "none";

    public static JsonObject Json(IReadOnlyList<PayoutPolicyRow> policies, IReadOnlyList<PayoutStopRow> stops, IServiceProvider tools)
    {
        var assets = tools.GetRequiredService<AssetSettings>();
        return new JsonObject
        {
            ["standard"] = new JsonArray(
                [.. assets.All.Select(a => (JsonNode)Json(PayoutLimitRules.Default(a), a.Asset, assets))]),
            ["limits"] = new JsonArray([.. policies.Select(p =>
            {
                var json = Json(p.Limits, p.Asset, assets);
                json["appId"] = p.Tenant;
                json["by"] = p.By;
                json["reason"] = p.Reason;
                json["changedAt"] = p.ChangedAt;
                return (JsonNode)json;
            })]),
            ["stops"] = new JsonArray([.. stops.Select(s => (JsonNode)new JsonObject
            {
                ["appId"] = s.Tenant == Tenants.Hub ? null : s.Tenant, ["kind"] = s.Kind, ["value"] = s.Value.Length == 0 ? null : s.Value,
                ["by"] = s.By, ["reason"] = s.Reason, ["stoppedAt"] = s.StoppedAt,
            })]),
        };
    }

    public static async Task PrintAsync(
        IReadOnlyList<PayoutPolicyRow> policies, IReadOnlyList<PayoutStopRow> stops, IServiceProvider tools)
    {
        var assets = tools.GetRequiredService<AssetSettings>();
        await Printer.TableAsync(
            [
                "APP", "ASSET", "ALLOWED", "REQUEST", "MEMBER DAY", "COMMUNITY DAY", "MEMBER OPEN", "COOLDOWN", "APPROVAL ABOVE",
                "NEW DESTINATION", "BY", "WHY",
            ],
            [
                .. assets.All.Select(a => Cells("(standard)", a.Asset, PayoutLimitRules.Default(a), "-", "where nothing was set", assets)),
                .. policies.Select(p => Cells(p.Tenant, p.Asset, p.Limits, p.By, p.Reason, assets)),
            ]);
        await Console.Out.WriteLineAsync();
        await (stops.Count == 0
            ? Console.Out.WriteLineAsync("Nothing is stopped.")
            : Printer.TableAsync(
                ["STOPPED", "WHAT", "SINCE", "BY", "WHY"],
                [.. stops.Select(s => (IReadOnlyList<string>)
                [
                    s.Tenant == Tenants.Hub ? "everywhere" : s.Tenant, What(s),
                    s.StoppedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), s.By, s.Reason,
                ])]));
    }

    private static IReadOnlyList<string> Cells(
        string app, Asset asset, PayoutLimits limits, string by, string why, AssetSettings assets) =>
    [
        app, asset.Code, limits.IsAllowed ? "yes" : "no", assets.Format(limits.RequestMax), assets.Format(limits.MemberDayMax),
        assets.Format(limits.CommunityDayMax), Optional(limits.MemberOpenMax, assets) ?? NoLimit, $"{limits.CooldownSeconds}s",
        Optional(limits.ApprovalAbove, assets) ?? NoLimit, $"{limits.NewDestinationWaitSeconds}s", by, why,
    ];

    private static JsonObject Json(PayoutLimits limits, Asset asset, AssetSettings assets) => new()
    {
        ["asset"] = asset.Code,
        ["isAllowed"] = limits.IsAllowed,
        ["requestMax"] = assets.Format(limits.RequestMax),
        ["memberDayMax"] = assets.Format(limits.MemberDayMax),
        ["communityDayMax"] = assets.Format(limits.CommunityDayMax),
        ["memberOpenMax"] = Optional(limits.MemberOpenMax, assets),
        ["cooldownSeconds"] = limits.CooldownSeconds,
        ["approvalAbove"] = Optional(limits.ApprovalAbove, assets),
        ["newDestinationWaitSeconds"] = limits.NewDestinationWaitSeconds,
    };

    private static string? Optional(Amount? amount, AssetSettings assets) => amount is { } given ? assets.Format(given) : null;

    private static string What(PayoutStopRow stop) =>
        stop.Kind == PayoutRulesProjection.Paused
            ? stop.Value.Length == 0 ? "all withdrawals" : $"withdrawals of {stop.Value}"
            : $"{stop.Kind.ToLowerInvariant()} {stop.Value}";
}
