using FiberLink.Sandbox.Channels;

namespace FiberLink.Sandbox.Payments;

/// <summary>
/// Which channels a payment takes and what that costs. The network is small: our peers, all connected with each other, and one more node
/// behind them. A peer is paid for nothing; whoever is one hop farther costs a thousandth.
/// </summary>
internal sealed class PaymentRoutes(ChannelBook channels, SandboxIdentity identity)
{
    private const int FeeMillionths = 1000;
    private const int Million = 1_000_000;

    /// <summary>The parts with what each channel has to send, and the fee, or the node's words for why there is no way.</summary>
    public (IReadOnlyList<(int Channel, UInt128 Amount)> Parts, UInt128 Fee, string? Fault) Find(PaymentOrder order)
    {
        if (order.Payee == identity.Pubkey)
        {
            return Nowhere(order.AllowsSelfPayment
                ? "PathFind error: no path found"
                : "Feature not enabled: allow_self_payment is not enabled, can not pay to self");
        }

        var all = channels.All().Where(c => c.Opened.UdtScript == order.UdtScript).ToArray();
        var (liquidity, measure) = order.AllowsMultiPart
            ? (all.Aggregate(UInt128.Zero, (sum, c) => sum + c.Spendable), "total")
            : (all.Aggregate(UInt128.Zero, (max, c) => UInt128.Max(max, c.Spendable)), "max");
        if (liquidity < order.Amount)
        {
            return Nowhere(
                $"Insufficient balance: {measure} outbound liquidity {liquidity} is insufficient, required amount: {order.Amount}");
        }

        if (!identity.IsKnown(order.Payee, channels.Peers))
        {
            return Nowhere("PathFind error: no path found");
        }

        var ways = all.Where(c => c.IsConnected).Select(c => (Channel: c, IsDirect: identity.PeerPubkey(c.Opened.Peer) == order.Payee))
            .OrderByDescending(w => w.IsDirect).ThenByDescending(w => w.Channel.Spendable).ToArray();
        return InOnePart(order, ways) ?? InParts(order, ways);
    }

    private static (IReadOnlyList<(int, UInt128)>, UInt128, string?)? InOnePart(
        PaymentOrder order, IEnumerable<(ChannelState Channel, bool IsDirect)> ways)
    {
        foreach (var (channel, isDirect) in ways)
        {
            var fee = Fee(order.Amount, isDirect);
            if (fee <= order.FeeMax && channel.Spendable >= order.Amount + fee)
            {
                return ([(channel.Opened.Number, order.Amount + fee)], fee, null);
            }
        }

        return null;
    }

    private static (IReadOnlyList<(int, UInt128)>, UInt128, string?) InParts(
        PaymentOrder order, IEnumerable<(ChannelState Channel, bool IsDirect)> ways)
    {
        if (!order.AllowsMultiPart)
        {
            return Nowhere("PathFind error: no path found");
        }

        var (left, fees) = (order.Amount, UInt128.Zero);
        var parts = new List<(int, UInt128)>();
        foreach (var (channel, isDirect) in ways.Where(w => w.Channel.Spendable > 0).Take(order.PartsMax))
        {
            var part = UInt128.Min(left, Reaches(channel.Spendable, isDirect));
            var fee = Fee(part, isDirect);
            if (part == UInt128.Zero)
            {
                continue;
            }

            parts.Add((channel.Opened.Number, part + fee));
            (left, fees) = (left - part, fees + fee);
        }

        return left == UInt128.Zero && fees <= order.FeeMax
            ? (parts, fees, null)
            : ([], UInt128.Zero, "Send payment error: Failed to build enough routes for MPP payment");
    }

    /// <summary>Rounded up, as the node does.</summary>
    private static UInt128 Fee(UInt128 amount, bool isDirect) =>
        isDirect ? 0 : (amount / Million * FeeMillionths) + (((amount % Million * FeeMillionths) + Million - 1) / Million);

    /// <summary>So much gets through, at the least, when so much is sent.</summary>
    private static UInt128 Reaches(UInt128 spendable, bool isDirect) => spendable - Fee(spendable, isDirect);

    private static (IReadOnlyList<(int, UInt128)>, UInt128, string?) Nowhere(string why) =>
        ([], UInt128.Zero, $"Send payment error: Failed to build route, {why}");
}
