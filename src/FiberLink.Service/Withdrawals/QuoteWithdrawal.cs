using System.Text.Json.Serialization;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Withdrawals;

/// <summary><c>withdrawal.quote</c>: what a request would be answered with, and what it would cost. It changes nothing.</summary>
internal sealed class QuoteWithdrawal(PayoutDesk desk, DestinationFinder destinations, AssetSettings assets)
{
    private readonly WithdrawalValidator _validator = new(assets, isRequest: false);

    // The panel asks with every letter that is typed.
    public RpcMethod Method => new(
        "withdrawal.quote",
        IsRead: true,
        p => ParamRules.Subject(p, "userId"),
        HandleAsync);

    private async Task<RpcResult> HandleAsync(RpcCall call, CancellationToken ct)
    {
        var sent = WithdrawalParams.Of(call.Params);
        if (ParamRules.Check(_validator, call.Params, sent) is { } issues)
        {
            return RpcResult.Invalid(issues);
        }

        var wish = WithdrawalWish.Of(sent, assets);
        var reading = await destinations.ReadAsync(call.App, wish, ct);

        // Where nobody can be paid the balances are told all the same.
        var readable = reading as DestinationReading.Read ?? new(new(wish.Kind, wish.Destination, null, null), 0, 0);
        var appraisal = await desk.AppraiseAsync(call.App, wish, readable, ct);
        return RpcResult.Json(
            reading is DestinationReading.Refused refused ? Answer(wish, appraisal, isValid: false, refused.Why)
                : appraisal.Use.IsInvoiceUsed ? Answer(wish, appraisal, isValid: false, RefusalTexts.InvoiceIsUsed)
                : Answer(call.App, wish, appraisal),
            QuoteWithdrawalJson.Default.Response);
    }

    private Response Answer(string app, WithdrawalWish wish, Appraisal appraisal)
    {
        var (facts, verdict, amount) = (appraisal.Facts, appraisal.Verdict, wish.Amount);
        return
            amount.Units < facts.Minimum
                ? Answer(wish, appraisal, isValid: true, $"Minimum withdrawal is {Text(wish, facts.Minimum)} {amount.Asset}.")
            : facts.Available < verdict.Hold ? Answer(wish, appraisal, isValid: true, "Amount exceeds your available balance.")
            : wish.Kind is DestinationKind.CkbAddress && amount.Units <= facts.Fee
                ? Answer(wish, appraisal, isValid: true, "Amount must be greater than the estimated network fee.")

            // The plugin shows a reason, and keeps the member from asking, where the destination is said not to be valid.
            : verdict.Refusal is { } refusal
                ? Answer(wish, appraisal, isValid: false, RefusalTexts.Of(refusal, app, amount, facts, appraisal.Now, assets))
            : Answer(wish, appraisal, isValid: true, null);
    }

    private Response Answer(WithdrawalWish wish, Appraisal appraisal, bool isValid, string? message) =>
        new(
            wish.Amount.Asset.Code,
            assets.Format(wish.Amount),
            Text(wish, appraisal.Facts.Minimum),
            Text(wish, appraisal.Use.Available + appraisal.Use.Held),
            Text(wish, appraisal.Use.Held),
            Text(wish, appraisal.Verdict.Hold - appraisal.Verdict.Pays),
            Text(wish, appraisal.Verdict.Pays),
            isValid,
            message);

    private string Text(WithdrawalWish wish, UInt128 units) => assets.Format(wish.Amount with { Units = units });

    internal sealed record Response(
        string Asset,
        string Amount,
        string MinimumAmount,
        string AvailableBalance,
        string LockedBalance,
        string NetworkFee,
        string ReceiveAmount,
        bool DestinationValid,
        string? ValidationMessage);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(QuoteWithdrawal.Response))]
internal sealed partial class QuoteWithdrawalJson : JsonSerializerContext;
