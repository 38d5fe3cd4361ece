using System.Text.Json.Serialization;
using FiberLink.Domain.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rpc;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Withdrawals.WithdrawalState, FiberLink.Domain.Withdrawals.WithdrawalRefusal>;

namespace FiberLink.Service.Withdrawals;

/// <summary>
/// <c>withdrawal.request</c>: decides on what is known, and holds the money in a transaction that makes sure of it. Whoever was
/// overtaken in between decides again on what is known then.
/// </summary>
internal sealed class RequestWithdrawal(
    WithdrawalCommands withdrawals,
    WithdrawalsQuery rows,
    PayoutDesk desk,
    DestinationFinder finder,
    DestinationReader destinations,
    TipSecrets secrets,
    AssetSettings assets,
    ServiceSettings settings,
    Ids ids,
    StopPoints stops,
    TimeProvider time)
{
    // Each time somebody else's withdrawal has been granted in between.
    private const int AttemptsMax = 20;

    private const string OtherTerms = "clientRequestId was used for another withdrawal already";

    private readonly WithdrawalValidator _validator = new(assets, isRequest: true);

    public RpcMethod Method => new("withdrawal.request", IsRead: false, Subject: null, HandleAsync);

    private async Task<RpcResult> HandleAsync(RpcCall call, CancellationToken ct)
    {
        var sent = WithdrawalParams.Of(call.Params);
        if (ParamRules.Check(_validator, call.Params, sent) is { } issues)
        {
            return RpcResult.Invalid(issues);
        }

        var wish = WithdrawalWish.Of(sent, assets);
        if (await NamedBeforeAsync(call.App, wish, ct) is { } before)
        {
            return before;
        }

        var reading = await finder.ReadAsync(call.App, wish, ct);
        if (reading is not DestinationReading.Read destination)
        {
            return await RepeatedAsync(call.App, wish, destinations.InOneForm(wish.Kind, wish.Destination), ct)
                ?? Refuse(((DestinationReading.Refused)reading).Why);
        }

        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var appraisal = await desk.AppraiseAsync(call.App, wish, destination, ct);
            if (RefusalOf(call.App, wish, appraisal) is { } why)
            {
                // The wish that was granted a moment ago may be what leaves nothing over for its repetition.
                return await RepeatedAsync(call.App, wish, destination.Destination.Text, ct) ?? Refuse(why);
            }

            if (await RequestAsync(call, wish, appraisal, ct) is { } answer)
            {
                return answer;
            }
        }

        return RpcResult.Unavailable("too many withdrawals are being asked for at once");
    }

    private string? RefusalOf(string app, WithdrawalWish wish, Appraisal appraisal) =>
        appraisal.Use.IsInvoiceUsed ? RefusalTexts.InvoiceIsUsed
        : appraisal.Verdict.Refusal is { } refusal
            ? RefusalTexts.Of(refusal, app, wish.Amount, appraisal.Facts, appraisal.Now, assets)
        : null;

    /// <returns>Null when what was decided on is no longer so.</returns>
    private async Task<RpcResult?> RequestAsync(RpcCall call, WithdrawalWish wish, Appraisal appraisal, CancellationToken ct)
    {
        // The client's name for its request is the withdrawal's name: there is one of it, for good.
        var id = wish.ClientRequestId is { } name ? NamedId(call.App, wish.Member, name) : ids.Next();
        var destination = appraisal.Destination.Destination;
        var command = new WithdrawalCommand.Request(id, wish.Member, wish.Amount, destination, appraisal.Facts, appraisal.Now);
        var claim = new Claim(
            call.App,
            WithdrawalCommands.RepeatScope,
            secrets.Fingerprint(
                call.App, "withdrawal", wish.Member, wish.Amount.Asset.Code, wish.Amount.Units.ToString(), destination.Text),
            id.ToString("N"),
            appraisal.Now + settings.Payouts.RepeatWindow);
        stops.Reach(StopPoints.PayoutDecided);
        var handled = await withdrawals.RequestAsync(
            call.App,
            command,
            wish.ClientRequestId is null ? [claim] : [],
            AdmissionRow.Of(call.App, id, appraisal),
            new CommandContext(call.CorrelationId, null, $"app:{call.App}"),
            ct);
        stops.Reach(StopPoints.PayoutRequested);
        return handled switch
        {
            Handled.Accepted { State: WithdrawalState.Known known } => Answer(known),
            Handled.ClaimTaken taken => Answer(await KnownAsync(call.App, Guid.ParseExact(taken.Holder, "N"), ct)),
            Handled.ConstraintBroken => null,
            Handled.Refused { Reason: WithdrawalRefusal.ExistsWithOtherTerms } => Refuse(OtherTerms),
            _ => throw new InvalidOperationException($"A new withdrawal cannot end in {handled.GetType().Name}."),
        };
    }

    private async Task<RpcResult?> NamedBeforeAsync(string app, WithdrawalWish wish, CancellationToken ct)
    {
        if (wish.ClientRequestId is not { } name
            || await withdrawals.LoadAsync(app, NamedId(app, wish.Member, name), ct) is not WithdrawalState.Known known)
        {
            return null;
        }

        // Read as it was read then: whether it could still be paid now is no longer the question.
        var terms = known.Terms;
        return terms.Amount == wish.Amount
            && WithdrawalWire.KindOf(terms.Destination.Kind) == WithdrawalWire.KindOf(wish.Kind)
            && terms.Destination.Text == destinations.InOneForm(wish.Kind, wish.Destination)
                ? Answer(known)
                : Refuse(OtherTerms);
    }

    private async Task<RpcResult?> RepeatedAsync(string app, WithdrawalWish wish, string destination, CancellationToken ct) =>
        wish.ClientRequestId is null
        && await rows.FindRepeatedAsync(
            app, wish.Member, wish.Amount, destination, time.GetUtcNow() - settings.Payouts.RepeatWindow, ct) is { } id
            ? Answer(await KnownAsync(app, id, ct))
            : null;

    private async Task<WithdrawalState.Known> KnownAsync(string app, Guid id, CancellationToken ct) =>
        await withdrawals.LoadAsync(app, id, ct) as WithdrawalState.Known
        ?? throw new InvalidOperationException($"Withdrawal {id} is told of and does not exist.");

    private static Guid NamedId(string app, string member, string name) =>
        Ids.Named($"withdrawal/{app.Length}/{app}/{member.Length}/{member}/{name}");

    private static RpcResult.Error Refuse(string why) => new RpcResult.Error(RpcErrorCode.InvalidParams, why);

    private static RpcResult Answer(WithdrawalState.Known state) =>
        RpcResult.Json(
            new Response(state.Terms.WithdrawalId.ToString(), WithdrawalWire.StateOf(state)), RequestWithdrawalJson.Default.Response);

    internal sealed record Response(string Id, string State);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RequestWithdrawal.Response))]
internal sealed partial class RequestWithdrawalJson : JsonSerializerContext;
