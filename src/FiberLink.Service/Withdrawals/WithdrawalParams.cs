using System.Text.Json;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;
using FluentValidation;

namespace FiberLink.Service.Withdrawals;

/// <summary>The parameters of <c>withdrawal.quote</c> and <c>withdrawal.request</c> as they came.</summary>
internal sealed record WithdrawalParams(
    JsonElement UserId,
    JsonElement Asset,
    JsonElement Amount,
    JsonElement Destination,
    JsonElement Kind,
    JsonElement Address,
    JsonElement PaymentRequest,
    JsonElement ToAddress,
    JsonElement ClientRequestId)
{
    public const string CkbAddress = "CKB_ADDRESS";
    public const string Invoice = "PAYMENT_REQUEST";

    public static WithdrawalParams Of(JsonElement parameters)
    {
        var destination = ParamRules.Get(parameters, "destination");
        return new(
            ParamRules.Get(parameters, "userId"),
            ParamRules.Get(parameters, "asset"),
            ParamRules.Get(parameters, "amount"),
            destination,
            ParamRules.Get(destination, "kind"),
            ParamRules.Get(destination, "address"),
            ParamRules.Get(destination, "paymentRequest"),
            ParamRules.Get(parameters, "toAddress"),
            ParamRules.Get(parameters, "clientRequestId"));
    }

    /// <summary>Whether the old way of saying where to is used, which only a request takes.</summary>
    public bool IsLegacy => Destination.ValueKind is JsonValueKind.Undefined && ToAddress.ValueKind is not JsonValueKind.Undefined;
}

/// <summary>A wish to withdraw that has been checked; whether it is granted is for the rules.</summary>
internal sealed record WithdrawalWish(string Member, Amount Amount, DestinationKind Kind, string Destination, string? ClientRequestId)
{
    public static WithdrawalWish Of(WithdrawalParams p, AssetSettings assets)
    {
        var asset = assets.Find(p.Asset.GetString()!)!;
        var (kind, text) = DestinationOf(p);
        return new(
            p.UserId.GetString()!,
            AmountText.Parse(p.Amount.GetString()!, asset, out _)!.Value,
            kind,
            text,
            p.ClientRequestId.ValueKind is JsonValueKind.String ? p.ClientRequestId.GetString() : null);
    }

    private static (DestinationKind Kind, string Text) DestinationOf(WithdrawalParams p)
    {
        if (p.IsLegacy)
        {
            var text = p.ToAddress.GetString()!;
            return (DestinationReader.KindOf(text), text);
        }

        return p.Kind.GetString() == WithdrawalParams.CkbAddress
            ? (DestinationKind.CkbAddress, p.Address.GetString()!)
            : (DestinationKind.PaymentRequest, p.PaymentRequest.GetString()!);
    }
}

/// <summary>What the parameters of a withdrawal must be.</summary>
internal sealed class WithdrawalValidator : AbstractValidator<WithdrawalParams>
{
    /// <summary>Longer than any invoice or address that is read.</summary>
    public const int DestinationLengthMax = 4_200;

    public const int ClientRequestIdLengthMax = 128;

    public WithdrawalValidator(AssetSettings assets, bool isRequest)
    {
        this.Field("userId", p => p.UserId, ParamRules.Text(ParamRules.IdLengthMax));
        this.Field("asset", p => p.Asset, AmountRules.Asset(assets));
        this.Field("amount", p => p.Amount, ParamRules.Text(AmountText.LengthMax));
        RuleFor(p => p).Custom((p, context) => ParamRules.Add(context, "amount", AmountRules.Amount(p.Amount, p.Asset, assets)));
        When(p => isRequest && p.IsLegacy, () => this.Field("toAddress", p => p.ToAddress, ParamRules.Text(DestinationLengthMax)))
            .Otherwise(Destination);
        if (isRequest)
        {
            this.Field(
                "clientRequestId",
                p => p.ClientRequestId,
                value => value.ValueKind is JsonValueKind.Undefined ? null : ParamRules.Text(ClientRequestIdLengthMax)(value));
        }
    }

    private void Destination()
    {
        this.Field("destination", p => p.Destination, value => ParamRules.TypeProblem(value, JsonValueKind.Object, "object"));
        When(p => p.Destination.ValueKind is JsonValueKind.Object, () =>
        {
            this.Field("destination.kind", p => p.Kind, Kind);
            When(p => RpcEnvelope.Text(p.Kind) == WithdrawalParams.CkbAddress, () =>
                this.Field("destination.address", p => p.Address, ParamRules.Text(DestinationLengthMax)));
            When(p => RpcEnvelope.Text(p.Kind) == WithdrawalParams.Invoice, () =>
                this.Field("destination.paymentRequest", p => p.PaymentRequest, ParamRules.Text(DestinationLengthMax)));
        });
    }

    private static ParamProblem? Kind(JsonElement value) =>
        RpcEnvelope.Text(value) is WithdrawalParams.CkbAddress or WithdrawalParams.Invoice
            ? null
            : new("invalid_union_discriminator", $"Expected {WithdrawalParams.CkbAddress} | {WithdrawalParams.Invoice}");
}
