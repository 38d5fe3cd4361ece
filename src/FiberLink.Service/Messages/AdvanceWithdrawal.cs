using System.Diagnostics;
using FiberLink.Messaging;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Messages;

/// <summary>Sees to the next step of a withdrawal. Each event of one leaves such a message, until there is nothing left to do.</summary>
/// <param name="WithdrawalId">The withdrawal.</param>
/// <param name="Step">How many events it had. Once it has more, another message is about them and this one about nothing.</param>
/// <param name="Doubt">What speaks for that the attempt may have come to nothing; null when nothing does.</param>
internal sealed record AdvanceWithdrawal(Guid WithdrawalId, long Step, PayoutDoubt? Doubt)
{
    public const string Name = "advance-withdrawal.v1";

    public static MessageType<AdvanceWithdrawal> Type { get; } = new(Name, MessagesJson.Default.AdvanceWithdrawal);

    /// <summary>The one message about the state after so many events.</summary>
    public static OutgoingMessage For(string tenant, Guid withdrawalId, long step, DateTimeOffset due, string? correlationId) =>
        new AdvanceWithdrawal(withdrawalId, step, null).ToMessage(tenant, IdOf(tenant, withdrawalId, step), due, correlationId);

    /// <summary>The id of the first message about the state after so many events.</summary>
    public static Guid IdOf(string tenant, Guid withdrawalId, long step) => Ids.Named($"{Name}/{tenant}/{withdrawalId:N}/{step}");

    /// <summary>The id of the message that follows another one about the same state.</summary>
    public static Guid IdAfter(Guid cause) => Ids.Named($"{Name}/after/{cause:N}");

    /// <summary>The same step once more, with a doubt that is to be kept in mind.</summary>
    public OutgoingMessage Doubting(PayoutDoubt? doubt, string tenant, Guid cause, DateTimeOffset due, string? correlationId) =>
        (this with { Doubt = doubt }).ToMessage(tenant, IdAfter(cause), due, correlationId);

    private OutgoingMessage ToMessage(string tenant, Guid id, DateTimeOffset due, string? correlationId) =>
        new(id, Name, tenant, Type.Write(this), due, correlationId, Activity.Current?.Id);
}

/// <summary>Since when something speaks against an attempt, and what.</summary>
/// <param name="Kind">What.</param>
/// <param name="Since">When it was noticed first.</param>
/// <param name="Block">The tip of the chain then; null for a payment.</param>
/// <param name="Detail">For people.</param>
internal sealed record PayoutDoubt(PayoutDoubtKind Kind, DateTimeOffset Since, ulong? Block, string Detail);

internal enum PayoutDoubtKind
{
    /// <summary>The node did not answer whether it took it.</summary>
    Unanswered = 1,

    /// <summary>The node refused it, and a later attempt may do better.</summary>
    Refused = 2,

    /// <summary>The node refused it, and will always.</summary>
    RefusedForGood = 3,

    /// <summary>A cell that the transaction spends is spent, and not by it.</summary>
    CellSpent = 4,
}
