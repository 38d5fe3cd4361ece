using FiberLink.Domain.Withdrawals;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.Communities;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Rpc;
using FiberLink.Service.Startup;

using ControlHandled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Withdrawals.PayoutControlState, FiberLink.Domain.Withdrawals.PayoutRulesRefusal>;
using PolicyHandled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Withdrawals.PayoutPolicyState, FiberLink.Domain.Withdrawals.PayoutRulesRefusal>;

namespace FiberLink.Service.Withdrawals.Administration;

/// <summary>
/// Sets limits, and stops withdrawals and lets them go. Whatever was decided on before is decided again: a withdrawal that has not
/// committed by then keeps to what is new.
/// </summary>
public sealed class PayoutRulesAdministration
{
    private const string Control = "payout_control";

    private static readonly Folding<PayoutPolicyState, PayoutPolicyEvent> Policy =
        new(PayoutPolicyState.Initial, PayoutPolicyState.Evolve);

    private static readonly Folding<PayoutControlState, PayoutControlEvent> Stops =
        new(PayoutControlState.Initial, PayoutControlState.Evolve);

    private readonly CommandHandler _commands;
    private readonly CommunitiesQuery _communities;
    private readonly DestinationReader _destinations;
    private readonly AssetSettings _assets;
    private readonly TimeProvider _time;

    internal PayoutRulesAdministration(
        CommandHandler commands, CommunitiesQuery communities, DestinationReader destinations, AssetSettings assets, TimeProvider time) =>
        (_commands, _communities, _destinations, _assets, _time) = (commands, communities, destinations, assets, time);

    /// <summary>Changes limits of an asset in a community; those that are not named stay as they are.</summary>
    /// <param name="app">The community.</param>
    /// <param name="asset">The asset's code.</param>
    /// <param name="changes">What is to be different.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<OperatorAnswer> SetLimitsAsync(
        string app, string asset, PayoutLimitChanges changes, string by, string reason, CancellationToken ct)
    {
        if (_assets.Find(asset) is not { } definition)
        {
            return UnknownAsset(asset);
        }

        if (await UnknownCommunityAsync(app, ct) is { } unknown)
        {
            return unknown;
        }

        var command = new ChangePayoutLimits(definition, changes, by, reason, _time.GetUtcNow());
        var handled = await _commands.HandleAsync(
            new StreamId(app, $"payout_policy-{asset}"),
            Policy,
            state => PayoutPolicyDecider.Decide(command, state),
            (_, _) => Attachments.None,
            ContextOf(by),
            isNew: false,
            ct);
        return handled switch
        {
            PolicyHandled.Accepted done => new OperatorAnswer.Done(done.Events.Count > 0),
            PolicyHandled.Refused refused => new OperatorAnswer.Refused(TextOf(
                refused.Reason, PayoutLimitRules.Problems(PayoutPolicyDecider.After(command, refused.State), definition.Asset))),
            _ => throw new InvalidOperationException($"A change of limits cannot end in {handled.GetType().Name}."),
        };
    }

    /// <summary>Has no new withdrawal granted until it is resumed.</summary>
    /// <param name="app">The community; null for all of them.</param>
    /// <param name="asset">The asset's code; null for every asset.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters, which members are told.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<OperatorAnswer> PauseAsync(string? app, string? asset, string by, string reason, CancellationToken ct) =>
        asset is not null && _assets.Find(asset) is null
            ? UnknownAsset(asset)
            : await ControlAsync(app, new PayoutControlCommand.Pause(AssetOf(asset), by, reason, _time.GetUtcNow()), ct);

    /// <summary>Ends a pause: the one over just this community and this asset, and no other.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public async Task<OperatorAnswer> ResumeAsync(string? app, string? asset, string by, string reason, CancellationToken ct) =>
        asset is not null && !Asset.IsCode(asset)
            ? UnknownAsset(asset)
            : await ControlAsync(app, new PayoutControlCommand.Resume(AssetOf(asset), by, reason, _time.GetUtcNow()), ct);

    /// <summary>Has no withdrawal granted to a member, or to a destination.</summary>
    /// <param name="app">The community; null for all of them.</param>
    /// <param name="kind">Whom or what.</param>
    /// <param name="value">The member's id; an address of this chain in any form, or an invoice.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<OperatorAnswer> DenyAsync(
        string? app, DenialKind kind, string value, string by, string reason, CancellationToken ct) =>
        Problem(kind, value) is { } problem
            ? new OperatorAnswer.Refused(problem)
            : await ControlAsync(app, new PayoutControlCommand.Deny(kind, InOneForm(kind, value), by, reason, _time.GetUtcNow()), ct);

    /// <summary>Ends a denial: the one of just this community, or of the hub.</summary>
    /// <inheritdoc cref="DenyAsync"/>
    public Task<OperatorAnswer> ReadmitAsync(
        string? app, DenialKind kind, string value, string by, string reason, CancellationToken ct) =>
        ControlAsync(app, new PayoutControlCommand.Readmit(kind, InOneForm(kind, value), by, reason, _time.GetUtcNow()), ct);

    private async Task<OperatorAnswer> ControlAsync(string? app, PayoutControlCommand command, CancellationToken ct)
    {
        if (app is not null && await UnknownCommunityAsync(app, ct) is { } unknown)
        {
            return unknown;
        }

        var handled = await _commands.HandleAsync(
            new StreamId(app ?? Tenants.Hub, Control),
            Stops,
            state => PayoutControlDecider.Decide(command, state),
            (_, _) => Attachments.None,
            ContextOf(command.By),
            isNew: false,
            ct);
        return handled switch
        {
            ControlHandled.Accepted done => new OperatorAnswer.Done(done.Events.Count > 0),
            ControlHandled.Refused refused => new OperatorAnswer.Refused(TextOf(refused.Reason, [])),
            _ => throw new InvalidOperationException($"A stop cannot end in {handled.GetType().Name}."),
        };
    }

    private async Task<OperatorAnswer.Refused?> UnknownCommunityAsync(string app, CancellationToken ct) =>
        await _communities.FindAsync(app, ct) is null ? new($"There is no community '{app}'.") : null;

    private OperatorAnswer.Refused UnknownAsset(string asset) =>
        new($"There is no asset '{asset}' here: {string.Join(", ", _assets.All.Select(a => a.Asset.Code))}.");

    // What cannot be read would be kept in a form that no withdrawal's destination ever has, and stop nothing.
    private string? Problem(DenialKind kind, string value) =>
        kind is DenialKind.Member
            ? value.Length is 0 or > ParamRules.IdLengthMax ? $"A member's id has 1 to {ParamRules.IdLengthMax} characters." : null
        : _destinations.CanBeRead(DestinationReader.KindOf(value), value) ? null
        : $"'{value}' is neither an invoice nor an address of the chain that FIBERLINK_NETWORK names "
            + $"({_destinations.Chain.AddressPrefix}1…).";

    private string InOneForm(DenialKind kind, string value) =>
        kind is DenialKind.Member ? value : _destinations.InOneForm(DestinationReader.KindOf(value), value);

    private static Asset? AssetOf(string? code) => code is null ? null : new Asset(code);

    private static CommandContext ContextOf(string by) => new(null, null, $"operator:{by}");

    private static string TextOf(PayoutRulesRefusal refusal, IReadOnlyList<(string Limit, string Problem)> problems) =>
        refusal is PayoutRulesRefusal.LimitsDoNotFit
            ? $"The limits would not fit together: {string.Join("; ", problems.Select(p => $"{p.Limit} {p.Problem}"))}."
            : UnsaidTexts.Of(refusal);
}
