using System.Text.Json.Serialization;
using FiberLink.Domain.Tips;
using FiberLink.EventStore;
using FiberLink.Events.Tips;
using FiberLink.HubNode;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rpc;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;

using Handled = FiberLink.Service.CommandHandling.Handled<FiberLink.Domain.Tips.TipState, FiberLink.Domain.Tips.TipRefusal>;

namespace FiberLink.Service.Tips;

/// <summary><c>tip.create</c>: stores the intent, asks the node for the invoice, stores the invoice, answers with what is stored.</summary>
internal sealed class CreateTip(
    TipCommands tips,
    InvoiceIssuer issuer,
    TipSecrets secrets,
    MemberTexts texts,
    AssetSettings assets,
    ServiceSettings settings,
    Ids ids,
    StopPoints stops,
    TimeProvider time)
{
    private const int AttemptsMax = 5;

    private readonly CreateTipValidator _validator = new(assets);

    public RpcMethod Method => new("tip.create", IsRead: false, Subject: null, HandleAsync);

    private async Task<RpcResult> HandleAsync(RpcCall call, CancellationToken ct)
    {
        if (ParamRules.Check(_validator, call.Params, CreateTipParams.Of(call.Params)) is { } issues)
        {
            return RpcResult.Invalid(issues);
        }

        var request = CreateTipRequest.Of(call.Params, assets);
        var context = new CommandContext(call.CorrelationId, null, $"app:{call.App}");
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var tip = await FindOrRequestAsync(call.App, request, context, ct);
            switch (tip)
            {
                case TipState.AwaitingPayment invoiced:
                    return Answer(invoiced.Invoice);
                case TipState.Requested requested:
                    return await IssueAsync(call.App, requested.Terms, context, ct);
                default:
                    // The claim was released in the moment it was refused: the wish is a new one.
                    continue;
            }
        }

        return RpcResult.Unavailable("the same tip is being made again and again");
    }

    /// <summary>The tip this wish is: a new one, or the one that the same sender's same wish made a moment ago.</summary>
    private async Task<TipState> FindOrRequestAsync(string app, CreateTipRequest request, CommandContext context, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var tipId = ids.Next();
        var keyId = secrets.CurrentKeyId;
        var hash = secrets.PreimageOf(keyId, tipId).Hash(InvoiceIssuer.ToNode(settings.HashAlgorithm));
        var command = new TipCommand.Request(
            tipId,
            request.PostId,
            request.From,
            request.To,
            request.Amount,
            request.Message is { } text ? await texts.SealAsync(app, request.From, text, ct) : null,
            new InvoiceOrder(
                hash.ToString(), settings.HashAlgorithm, keyId, settings.Network.ToString(), (long)settings.InvoiceExpiry.TotalSeconds),
            now);
        var fingerprint = secrets.Fingerprint(app, request.PostId, request.From, request.To, request.Amount, request.Message);

        // Not longer than the invoice can be paid: afterwards nobody is helped by being given it again.
        var window = settings.RepeatWindow < settings.InvoiceExpiry ? settings.RepeatWindow : settings.InvoiceExpiry;
        var claim = new Claim(app, TipCommands.RepeatScope, fingerprint, tipId.ToString("N"), now + window);

        stops.Reach(StopPoints.CreateBeforeIntent);
        var handled = await tips.RequestAsync(app, command, claim, context, ct);
        stops.Reach(StopPoints.CreateIntentStored);
        switch (handled)
        {
            case Handled.Accepted accepted:
                TipTelemetry.CountRequested(app, request.Amount.Asset.Code);
                return accepted.State;
            case Handled.ClaimTaken taken:
                return await tips.LoadAsync(app, Guid.ParseExact(taken.Holder, "N"), ct);
            default:
                throw new InvalidOperationException($"A new tip cannot end in {handled.GetType().Name}.");
        }
    }

    private async Task<RpcResult> IssueAsync(string app, TipTerms tip, CommandContext context, CancellationToken ct) =>
        await issuer.IssueAsync(app, tip, [], context, ct) switch
        {
            // Answered from the state, not from the node: a retry must hear of the first invoice again.
            Issued.Answered { Handled: Handled.Accepted { State: var state } } when TipState.InvoiceIn(state) is { } invoice =>
                Answer(invoice),
            Issued.Answered { Handled: Handled.Accepted { State: TipState.Cancelled { Reason: CancelReason.InvoiceDiffers } } } =>
                RpcResult.Unavailable("the Fiber node made another invoice than it was asked for"),
            Issued.NodeFailed { Failure: NodeFailure.Unreachable or NodeFailure.NoAnswer or NodeFailure.CircuitOpen } =>
                RpcResult.Unavailable("the Fiber node does not answer"),
            Issued.NodeFailed => RpcResult.Unavailable("the Fiber node refuses to make the invoice"),
            var other => throw new InvalidOperationException($"Asking for an invoice cannot end in {other}."),
        };

    private static RpcResult Answer(string invoice) => RpcResult.Json(new Response(invoice), CreateTipJson.Default.Response);

    internal sealed record Response(string Invoice);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CreateTip.Response))]
internal sealed partial class CreateTipJson : JsonSerializerContext;
