using System.Text.Json;
using FiberLink.Service.Rpc;
using FluentValidation;

namespace FiberLink.Service.Dashboards;

/// <summary>The parameters of <c>dashboard.summary</c> as they came.</summary>
internal sealed record DashboardParams(
    JsonElement UserId,
    JsonElement Limit,
    JsonElement IncludeAdmin,
    JsonElement Filters,
    JsonElement WithdrawalState,
    JsonElement SettlementState)
{
    public const string All = "ALL";

    public static DashboardParams Of(JsonElement parameters)
    {
        var filters = ParamRules.Get(parameters, "filters");
        return new(
            ParamRules.Get(parameters, "userId"),
            ParamRules.Get(parameters, "limit"),
            ParamRules.Get(parameters, "includeAdmin"),
            filters,
            ParamRules.Get(filters, "withdrawalState"),
            ParamRules.Get(filters, "settlementState"));
    }
}

/// <summary>What the parameters of <c>dashboard.summary</c> must be.</summary>
internal sealed class DashboardValidator : AbstractValidator<DashboardParams>
{
    private const int LimitMax = 50;

    public DashboardValidator()
    {
        this.Field("userId", p => p.UserId, ParamRules.Text(ParamRules.IdLengthMax));
        this.Field("limit", p => p.Limit, ParamRules.OptionalWhole(1, LimitMax));
        this.Field("includeAdmin", p => p.IncludeAdmin, ParamRules.OptionalSwitch);
        this.Field("filters", p => p.Filters, ParamRules.OptionalObject);
        this.Field(
            "filters.withdrawalState", p => p.WithdrawalState, ParamRules.OptionalOneOf([DashboardParams.All, .. WithdrawalWire.States]));
        this.Field("filters.settlementState", p => p.SettlementState, ParamRules.OptionalOneOf([DashboardParams.All, .. TipWire.States]));
    }
}
