using FiberLink.Messaging;

namespace FiberLink.Service.Reconciliation;

/// <summary>What has become of messages that were put into the inbox.</summary>
/// <param name="Sent">How many.</param>
/// <param name="Handled">Those whose effect has committed.</param>
/// <param name="Untouched">Those that no service has taken.</param>
/// <param name="Tried">Those that a service has tried, or has just now.</param>
/// <param name="DeadLetters">Those that were given up, now or long ago: an operator decides.</param>
internal sealed record MessageFates(int Sent, int Handled, int Untouched, int Tried, int DeadLetters)
{
    public static MessageFates None { get; } = new(0, 0, 0, 0, 0);

    public int Waiting => Untouched + Tried;

    /// <summary>There is something to do, and nobody does it.</summary>
    public bool NobodyHandles => Untouched > 0 && Handled + Tried == 0;
}

/// <summary>Waits until a service has handled messages, for so long and no longer.</summary>
internal sealed class MessageFatesQuery(MessageQueue inbox, TimeProvider time)
{
    private const int PageMax = 5_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <param name="messages">Which.</param>
    /// <param name="patience">How long to wait for those that are not finished.</param>
    /// <param name="ct">Stops the wait; the messages stay.</param>
    public async Task<MessageFates> WaitAsync(IReadOnlyCollection<Guid> messages, TimeSpan patience, CancellationToken ct)
    {
        if (messages.Count == 0)
        {
            return MessageFates.None;
        }

        var startedAt = time.GetTimestamp();
        while (true)
        {
            var fates = await FindAsync(messages, ct);
            if (fates.Waiting == 0 || time.GetElapsedTime(startedAt) >= patience)
            {
                return fates;
            }

            await Task.Delay(Interval, time, ct);
        }
    }

    private async Task<MessageFates> FindAsync(IReadOnlyCollection<Guid> messages, CancellationToken ct)
    {
        var counts = new Dictionary<MessageFate, int>();
        foreach (var page in messages.Chunk(PageMax))
        {
            foreach (var fate in (await inbox.FindAsync(page, ct)).Values)
            {
                counts[fate] = counts.GetValueOrDefault(fate) + 1;
            }
        }

        return new(
            messages.Count,

            // What nobody has any more was handled, so long ago that it is forgotten.
            messages.Count - Of(MessageFate.Untouched) - Of(MessageFate.Tried) - Of(MessageFate.DeadLetter) - Of(MessageFate.Expired),
            Of(MessageFate.Untouched),
            Of(MessageFate.Tried),
            Of(MessageFate.DeadLetter) + Of(MessageFate.Expired));

        int Of(MessageFate fate) => counts.GetValueOrDefault(fate);
    }
}
