using FiberLink.Projections.Withdrawals;

namespace FiberLink.Service.Withdrawals.Paying;

/// <summary>
/// What was seen when it was last planned who of an asset's queue is paid. A thousand who wait for the same coins would each ask for the
/// same cells: what one has seen holds for all of them for a moment, and who is far behind asks seldom.
/// </summary>
/// <param name="queue">What waited, in its order.</param>
/// <param name="choice">Who is paid, and who is not covered.</param>
/// <param name="at">When.</param>
internal sealed class QueueLook(IReadOnlyList<QueuedPayout> queue, ChainChoice choice, DateTimeOffset at)
{
    /// <summary>So many places of a queue are looked at.</summary>
    public const int PlacesMax = 100;

    // Who has waited for hours need not know within seconds whether others before him are paid.
    private const int AgeToPause = 8;

    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    /// <summary>How long it holds: as long as who is in front waits until he looks again.</summary>
    public static TimeSpan Lasts { get; } = TimeSpan.FromSeconds(3);

    public ChainChoice Choice => choice;

    /// <summary>Whether more may wait than were looked at.</summary>
    public bool IsFull => queue.Count == PlacesMax;

    public bool IsFresh(DateTimeOffset now) => at <= now && now < at + Lasts;

    /// <inheritdoc cref="PlaceIn"/>
    public int? PlaceOf(PayoutStep step) => PlaceIn(queue, step);

    /// <summary>0 for who comes first; null when it is not among them.</summary>
    public static int? PlaceIn(IReadOnlyList<QueuedPayout> queue, PayoutStep step) =>
        queue.Index().Where(q => step.IsAbout(q.Item)).Select(q => (int?)q.Index).FirstOrDefault();

    /// <summary>
    /// When to look again at what is not paid. One transaction pays those in front: one of their messages is enough for all of them, and
    /// those behind are in front in their turn.
    /// </summary>
    /// <param name="step">What waits.</param>
    /// <param name="place">Its place; null when it is behind all that were looked at.</param>
    /// <param name="now">As of when.</param>
    public static TimeSpan PauseOf(PayoutStep step, int? place, DateTimeOffset now)
    {
        var pause = (now - step.Terms.RequestedAt) / AgeToPause;
        return place < ChainChoice.RecipientsMax || pause < Lasts ? Lasts
            : pause > PauseMax ? PauseMax
            : pause;
    }
}
