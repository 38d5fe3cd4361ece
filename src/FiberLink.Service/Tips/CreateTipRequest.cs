using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;
using FluentValidation;

namespace FiberLink.Service.Tips;

/// <summary>The parameters of <c>tip.create</c> as they came.</summary>
internal sealed record CreateTipParams(
    JsonElement PostId, JsonElement FromUserId, JsonElement ToUserId, JsonElement Asset, JsonElement Amount, JsonElement Message)
{
    public static CreateTipParams Of(JsonElement parameters) =>
        new(
            ParamRules.Get(parameters, "postId"),
            ParamRules.Get(parameters, "fromUserId"),
            ParamRules.Get(parameters, "toUserId"),
            ParamRules.Get(parameters, "asset"),
            ParamRules.Get(parameters, "amount"),
            ParamRules.Get(parameters, "message"));
}

/// <summary>A wish to tip that has been checked: nothing behind it asks again.</summary>
internal sealed record CreateTipRequest(string PostId, string From, string To, Amount Amount, string? Message)
{
    public static CreateTipRequest Of(JsonElement parameters, AssetSettings assets)
    {
        var p = CreateTipParams.Of(parameters);
        var asset = assets.Find(p.Asset.GetString()!)!;
        var message = p.Message.ValueKind is JsonValueKind.String ? p.Message.GetString()!.Trim() : "";
        return new(
            p.PostId.GetString()!,
            p.FromUserId.GetString()!,
            p.ToUserId.GetString()!,
            AmountText.Parse(p.Amount.GetString()!, asset, out _)!.Value,
            message.Length == 0 ? null : message);
    }
}

/// <summary>What the parameters of <c>tip.create</c> must be.</summary>
internal sealed class CreateTipValidator : AbstractValidator<CreateTipParams>
{
    /// <summary>UTF-16 code units after trimming, as the published service counts them.</summary>
    public const int MessageLengthMax = 280;

    // What may be trimmed away has a limit too.
    private const int MessageSentLengthMax = 2_000;

    public CreateTipValidator(AssetSettings assets)
    {
        this.Field("postId", p => p.PostId, ParamRules.Text(ParamRules.IdLengthMax));
        this.Field("fromUserId", p => p.FromUserId, ParamRules.Text(ParamRules.IdLengthMax));
        this.Field("toUserId", p => p.ToUserId, ParamRules.Text(ParamRules.IdLengthMax));
        this.Field("asset", p => p.Asset, AmountRules.Asset(assets));
        this.Field("amount", p => p.Amount, ParamRules.Text(AmountText.LengthMax));
        RuleFor(p => p).Custom((p, context) => ParamRules.Add(context, "amount", AmountRules.Amount(p.Amount, p.Asset, assets)));
        this.Field("message", p => p.Message, MessageProblem);
    }

    private static ParamProblem? MessageProblem(JsonElement value) =>
        value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null
        : value.ValueKind is not JsonValueKind.String ? new("invalid_type", "Expected string or null")
        : ParamRules.StoredText(value) is not { } text ? ParamRules.NoText
        : text.Length > MessageSentLengthMax || text.Trim().Length > MessageLengthMax
            ? new("too_big", $"String must contain at most {MessageLengthMax} character(s)")
            : null;
}
