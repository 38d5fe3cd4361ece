using FiberLink.Domain.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>One look at one withdrawal: what is stored, the message that asked for it, and who stands behind what follows.</summary>
internal sealed record PayoutStep(AdvanceWithdrawal Message, StreamState<WithdrawalState> Stored, MessageContext Context)
{
    public string Tenant => Context.Tenant;

    public WithdrawalState.Known State => (WithdrawalState.Known)Stored.State;

    public WithdrawalTerms Terms => State.Terms;

    /// <summary>Whether one that waits is this one.</summary>
    public bool IsAbout(QueuedPayout waiting) => IsAbout(waiting.Tenant, waiting.WithdrawalId);

    /// <summary>Whether a withdrawal is the one that the message is about.</summary>
    public bool IsAbout(string tenant, Guid id) => id == Message.WithdrawalId && tenant == Tenant;

    public CommandContext Standing => new(Context.CorrelationId, Context.Id.ToString("N"), "service");
}

/// <summary>What is to be done about a withdrawal next.</summary>
internal abstract record PayoutMove
{
    private PayoutMove()
    {
    }

    /// <summary>Something was seen or decided: it is stored.</summary>
    public sealed record Record(WithdrawalCommand Command) : PayoutMove;

    /// <summary>Nothing is to be stored; it is looked at again after a while.</summary>
    public sealed record Wait(string Why, TimeSpan Pause) : PayoutMove;

    /// <summary>As <see cref="Wait"/>, with a doubt that is kept in mind, or with one that is gone.</summary>
    public sealed record Doubt(PayoutDoubt? What, TimeSpan Pause) : PayoutMove;

    /// <summary>There is nothing left to do, or somebody else's message is about it.</summary>
    public sealed record Done : PayoutMove;

    /// <summary>All of it is stored already, the message's marker too.</summary>
    /// <param name="IsNew">This step stored it; false when another node had handled the message before.</param>
    public sealed record Stored(bool IsNew) : PayoutMove;
}
