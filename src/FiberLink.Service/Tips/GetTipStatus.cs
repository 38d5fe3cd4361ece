using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Projections;
using FiberLink.Projections.TipStatus;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rpc;
using FluentValidation;

namespace FiberLink.Service.Tips;

/// <summary>
/// <c>tip.status</c> and <c>tip.get</c>: where a tip of the calling community stands, from what is recorded. It asks no node and
/// changes nothing, so a page may poll it every second, and an outage of the node does not show.
/// </summary>
internal sealed class GetTipStatus(TipStatusQuery query, PayerAttention attention)
{
    private const int InvoiceLengthMax = 4_096;

    private readonly Validator _validator = new();

    public IEnumerable<RpcMethod> Methods => [MethodOf("tip.status"), MethodOf("tip.get")];

    private RpcMethod MethodOf(string name) =>
        new(
            name,
            IsRead: true,
            p => ParamRules.Subject(p, "invoice", InvoiceLengthMax),
            HandleAsync);

    private async Task<RpcResult> HandleAsync(RpcCall call, CancellationToken ct)
    {
        var invoice = ParamRules.Get(call.Params, "invoice");
        if (ParamRules.Check(_validator, call.Params, new Params(invoice)) is { } issues)
        {
            return RpcResult.Invalid(issues);
        }

        if (await query.FindAsync(call.App, invoice.GetString()!, ct) is not { } tip)
        {
            return new RpcResult.Error(RpcErrorCode.TipNotFound, "Tip not found");
        }

        if (tip.Stage is not (TipStage.Settled or TipStage.Suspended))
        {
            // Also when it is over: then a late payment is what is waited for.
            attention.Notice(call.App, tip.TipId);
        }

        return RpcResult.Json(new Response(TipWire.StateOf(tip.Stage)), GetTipStatusJson.Default.Response);
    }

    internal sealed record Response(string State);

    internal sealed record Params(JsonElement Invoice);

    private sealed class Validator : AbstractValidator<Params>
    {
        public Validator() => this.Field("invoice", p => p.Invoice, ParamRules.Text(InvoiceLengthMax));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GetTipStatus.Response))]
internal sealed partial class GetTipStatusJson : JsonSerializerContext;
