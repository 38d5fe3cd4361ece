using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Projections.SettledFeed;
using FiberLink.Service.Rpc;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;
using FluentValidation;

namespace FiberLink.Service.Dashboards;

/// <summary>
/// <c>tip.settled_feed</c>: the settled tips of the community in commit order. A cursor is resolved by its tip, so no clock can
/// make a reader skip one.
/// </summary>
internal sealed class GetSettledFeed(SettledFeedQuery feed, MemberTexts texts, AssetSettings assets)
{
    private const int LimitDefault = 20;
    private const int LimitMax = 100;

    private readonly Validator _validator = new();

    public RpcMethod Method => new("tip.settled_feed", IsRead: true, Subject: null, HandleAsync);

    private async Task<RpcResult> HandleAsync(RpcCall call, CancellationToken ct)
    {
        var request = Params.Of(call.Params.ValueKind is JsonValueKind.Undefined ? default : call.Params);
        if (ParamRules.Check(_validator, call.Params, request) is { } issues)
        {
            return RpcResult.Invalid(issues);
        }

        var limit = (int?)ParamRules.Whole(request.Limit) ?? LimitDefault;
        var tips = await feed.AfterAsync(call.App, await PositionOfAsync(call.App, request, ct), limit, ct);
        var messages = await texts.OpenAsync([.. tips.Select(t => t.Message)], ct);
        var items = tips.Select((tip, i) => new Item(
            tip.TipId.ToString(),
            tip.PostId,
            tip.Invoice,
            assets.Format(tip.Amount),
            tip.Amount.Asset.Code,
            tip.From,
            tip.To,
            messages[i],
            TipWire.Time(tip.SettledAt))).ToArray();
        var next = items.Length == 0 ? null : new Cursor(items[^1].SettledAt, items[^1].TipIntentId);
        return RpcResult.Json(new Response(items, next), GetSettledFeedJson.Default.Response);
    }

    private async Task<long> PositionOfAsync(string app, Params request, CancellationToken ct)
    {
        if (request.After.ValueKind is not JsonValueKind.Object)
        {
            return 0;
        }

        return Guid.TryParse(request.AfterId.GetString(), out var tipId) && await feed.PositionOfAsync(app, tipId, ct) is { } position
            ? position
            : await feed.PositionBeforeAsync(app, TipWire.ReadTime(request.AfterSettledAt.GetString()!)!.Value, ct);
    }

    internal sealed record Response(IReadOnlyList<Item> Items, Cursor? NextCursor);

    internal sealed record Item(
        string TipIntentId,
        string PostId,
        string Invoice,
        string Amount,
        string Asset,
        string FromUserId,
        string ToUserId,
        string? Message,
        string SettledAt);

    internal sealed record Cursor(string SettledAt, string Id);

    internal sealed record Params(JsonElement Limit, JsonElement After, JsonElement AfterSettledAt, JsonElement AfterId)
    {
        public static Params Of(JsonElement parameters)
        {
            var after = ParamRules.Get(parameters, "after");
            return new(ParamRules.Get(parameters, "limit"), after, ParamRules.Get(after, "settledAt"), ParamRules.Get(after, "id"));
        }
    }

    private sealed class Validator : AbstractValidator<Params>
    {
        public Validator()
        {
            this.Field("limit", p => p.Limit, ParamRules.OptionalWhole(1, LimitMax));
            this.Field("after", p => p.After, ParamRules.OptionalObject);
            When(p => p.After.ValueKind is JsonValueKind.Object, () =>
            {
                this.Field("after.settledAt", p => p.AfterSettledAt, IsoTime);
                this.Field("after.id", p => p.AfterId, ParamRules.Text(ParamRules.IdLengthMax));
            });
        }

        private static ParamProblem? IsoTime(JsonElement value) =>
            RpcEnvelope.Text(value) is { } text && TipWire.ReadTime(text) is not null
                ? null
                : new("invalid_string", "Invalid datetime: ISO 8601 in UTC, ending in Z");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GetSettledFeed.Response))]
internal sealed partial class GetSettledFeedJson : JsonSerializerContext;
