using FiberLink.Events.Money;
using FiberLink.Events.Treasury;

namespace FiberLink.Domain.Treasury;

/// <summary>What was asked for. It never changes.</summary>
/// <param name="MovementId">Names the stream.</param>
/// <param name="Amount">How much.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="RequestedAt">When.</param>
public abstract record MovementTerms(Guid MovementId, Amount Amount, string By, DateTimeOffset RequestedAt)
{
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">What the address gets.</param>
    /// <param name="To">The address, written in full.</param>
    /// <param name="By">Who asked for it.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record Sweep(Guid MovementId, Amount Amount, string To, string By, DateTimeOffset RequestedAt)
        : MovementTerms(MovementId, Amount, By, RequestedAt);

    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">How much.</param>
    /// <param name="Place">Where.</param>
    /// <param name="Way">Put in or taken out.</param>
    /// <param name="By">Who asked for it.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record Booking(
        Guid MovementId, Amount Amount, HubPlace Place, BookingWay Way, string By, DateTimeOffset RequestedAt)
        : MovementTerms(MovementId, Amount, By, RequestedAt);

    /// <param name="MovementId">Names the stream.</param>
    /// <param name="Amount">What is put in, with what the node keeps back of it.</param>
    /// <param name="Peer">The other side's public key.</param>
    /// <param name="By">Who asked for it.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record Opening(Guid MovementId, Amount Amount, string Peer, string By, DateTimeOffset RequestedAt)
        : MovementTerms(MovementId, Amount, By, RequestedAt);

    /// <summary>How much it brings is seen when it is done.</summary>
    /// <param name="MovementId">Names the stream.</param>
    /// <param name="ChannelId">Which channel.</param>
    /// <param name="By">Who asked for it.</param>
    /// <param name="RequestedAt">When.</param>
    public sealed record Closing(Guid MovementId, string ChannelId, string By, DateTimeOffset RequestedAt)
        : MovementTerms(MovementId, new(Asset.Ckb, 0), By, RequestedAt);
}
