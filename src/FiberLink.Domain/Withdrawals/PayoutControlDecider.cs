using System.Collections.Immutable;
using System.Diagnostics;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;

using Decision = FiberLink.Domain.Decision<
    FiberLink.Events.Withdrawals.PayoutControlEvent, FiberLink.Domain.Withdrawals.PayoutRulesRefusal>;

namespace FiberLink.Domain.Withdrawals;

/// <summary>What is stopped in one community, or by the hub in all of them. Each stop stands by itself.</summary>
/// <param name="IsPaused">Every asset's withdrawals are.</param>
/// <param name="PausedAssets">Those of these assets are, whether or not all are.</param>
/// <param name="Denied">Members and destinations.</param>
public sealed record PayoutControlState(
    bool IsPaused, ImmutableHashSet<Asset> PausedAssets, ImmutableHashSet<(DenialKind Kind, string Value)> Denied)
{
    public static PayoutControlState Initial { get; } = new(false, [], []);

    public static PayoutControlState Evolve(PayoutControlState state, PayoutControlEvent @event) =>
        @event switch
        {
            PayoutControlEvent.Paused { Asset: { } asset } => state with { PausedAssets = state.PausedAssets.Add(asset) },
            PayoutControlEvent.Paused => state with { IsPaused = true },
            PayoutControlEvent.Resumed { Asset: { } asset } => state with { PausedAssets = state.PausedAssets.Remove(asset) },
            PayoutControlEvent.Resumed => state with { IsPaused = false },
            PayoutControlEvent.Denied e => state with { Denied = state.Denied.Add((e.Kind, e.Value)) },
            PayoutControlEvent.Readmitted e => state with { Denied = state.Denied.Remove((e.Kind, e.Value)) },
            _ => throw new UnreachableException($"{@event.GetType().Name} stops nothing and lets nothing go."),
        };
}

/// <summary>What an operator wants stopped, or let go.</summary>
public abstract record PayoutControlCommand(string By, string Reason, DateTimeOffset Now)
{
    /// <param name="Asset">Null for every asset.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why. Members who ask for a withdrawal are told.</param>
    /// <param name="Now">When.</param>
    public sealed record Pause(Asset? Asset, string By, string Reason, DateTimeOffset Now) : PayoutControlCommand(By, Reason, Now);

    /// <param name="Asset">Null for what stops every asset; an asset that was paused by itself stays so.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Now">When.</param>
    public sealed record Resume(Asset? Asset, string By, string Reason, DateTimeOffset Now) : PayoutControlCommand(By, Reason, Now);

    /// <param name="Kind">Whom or what.</param>
    /// <param name="Value">The member's id, or the destination in its one form.</param>
    /// <param name="By">Who.</param>
    /// <param name="Reason">Why. Members are not told.</param>
    /// <param name="Now">When.</param>
    public sealed record Deny(DenialKind Kind, string Value, string By, string Reason, DateTimeOffset Now)
        : PayoutControlCommand(By, Reason, Now);

    public sealed record Readmit(DenialKind Kind, string Value, string By, string Reason, DateTimeOffset Now)
        : PayoutControlCommand(By, Reason, Now);
}

/// <summary>What is stopped already is not stopped anew, whoever asks: the first reason stands.</summary>
public static class PayoutControlDecider
{
    public static Decision Decide(PayoutControlCommand command, PayoutControlState state) =>
        OperatorWords.Objection(command.By, command.Reason) is { } objection
            ? new Decision.Refused(objection)
            : new Decision.Accepted(Happens(command, state) is { } @event ? [@event] : []);

    private static PayoutControlEvent? Happens(PayoutControlCommand command, PayoutControlState state) =>
        command switch
        {
            PayoutControlCommand.Pause c => IsPaused(c.Asset, state)
                ? null
                : new PayoutControlEvent.Paused(c.Asset, c.By, c.Reason, c.Now),
            PayoutControlCommand.Resume c => IsPaused(c.Asset, state)
                ? new PayoutControlEvent.Resumed(c.Asset, c.By, c.Reason, c.Now)
                : null,
            PayoutControlCommand.Deny c => state.Denied.Contains((c.Kind, c.Value))
                ? null
                : new PayoutControlEvent.Denied(c.Kind, c.Value, c.By, c.Reason, c.Now),
            PayoutControlCommand.Readmit c => state.Denied.Contains((c.Kind, c.Value))
                ? new PayoutControlEvent.Readmitted(c.Kind, c.Value, c.By, c.Reason, c.Now)
                : null,
            _ => throw new UnreachableException($"{command.GetType().Name} stops nothing and lets nothing go."),
        };

    private static bool IsPaused(Asset? asset, PayoutControlState state) =>
        asset is { } one ? state.PausedAssets.Contains(one) : state.IsPaused;
}
