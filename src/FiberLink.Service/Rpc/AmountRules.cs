using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Rpc;

/// <summary>Rules for an asset and an amount of it.</summary>
internal static class AmountRules
{
    public static Func<JsonElement, ParamProblem?> Asset(AssetSettings assets) =>
        value =>
            value.ValueKind is JsonValueKind.Undefined ? new("invalid_type", "Required")
            : RpcEnvelope.Text(value) is { } code && assets.Find(code) is not null ? null
            : new("invalid_enum_value", $"This service knows {string.Join(" | ", assets.All.Select(a => a.Asset.Code))}");

    /// <summary>It takes the asset to know how many decimals there may be; nothing is said where either is no text at all.</summary>
    public static ParamProblem? Amount(JsonElement amount, JsonElement asset, AssetSettings assets)
    {
        if (RpcEnvelope.Text(amount) is not { Length: > 0 and <= AmountText.LengthMax } text
            || RpcEnvelope.Text(asset) is not { } code || assets.Find(code) is not { } known
            || AmountText.Parse(text, known, out var problem) is not null)
        {
            return null;
        }

        return problem switch
        {
            AmountProblem.NotADecimal => new("invalid_string", "Invalid: digits, and at most one point between digits"),
            AmountProblem.NotPositive => new("custom", "amount must be greater than 0"),
            AmountProblem.TooManyDecimals => new("custom", $"{known.Asset} amounts have at most {known.Decimals} decimals"),
            AmountProblem.TooLarge =>
                new("too_big", $"The largest {known.Asset} amount is {AmountText.Format(known.UnitsMax, known.Decimals)}"),
            _ => throw new System.Diagnostics.UnreachableException($"{problem} is no problem of an amount."),
        };
    }
}
