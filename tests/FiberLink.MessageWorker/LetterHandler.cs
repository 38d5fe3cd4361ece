using FiberLink.EventStore;
using FiberLink.Messaging;

namespace FiberLink.MessageWorker;

/// <summary>Commits a letter's effect with its marker; fails now and then, or keeps letters in hand until it is told to go on.</summary>
/// <param name="store">Where.</param>
/// <param name="committed">Called after commits.</param>
/// <param name="worker">This process, for the effects.</param>
/// <param name="seed">Of what fails and what follows.</param>
/// <param name="goOn">What a letter in hand waits for; null when nothing is held and some fail.</param>
/// <param name="say">Hears what has become of each letter.</param>
internal sealed class LetterHandler(
    IEventStore store, Action committed, string worker, int seed, Task? goOn, Action<string> say)
{
    private const int FailsOneOf = 25;
    private const int WorkMillisecondsMax = 10;

    public async Task<MarkerCommitted> Handle(Letter letter, MessageContext context, CancellationToken ct)
    {
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
        var random = new Random(seed ^ BitConverter.ToInt32(letter.Id.ToByteArray(), 12) ^ context.Attempt);
        if (goOn is not null)
        {
            // Deaf to its own token, as bad handlers are: nothing but the marker keeps it from writing.
            say($"holding {letter.Id}");
            await goOn;
            ct = CancellationToken.None;
        }
        else if (random.Next(FailsOneOf) == 0)
        {
            throw new InvalidOperationException("Chance has it fail.");
        }
        else
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(WorkMillisecondsMax)), TimeProvider.System, ct);
        }

        var next = goOn is null ? new RandomLetters(random).After(letter) : [];
#pragma warning restore CA5394
        return await CommitAsync(letter, next, context, ct);
    }

    private async Task<MarkerCommitted> CommitAsync(
        Letter letter, IReadOnlyList<Letter> next, MessageContext context, CancellationToken ct)
    {
        switch (await store.AppendAsync(Letters.Doing(letter, worker, next, context.Marker), ct))
        {
            case AppendResult.Appended:
                say($"committed {letter.Id}");
                committed();
                return context.Committed();
            case AppendResult.ConstraintBroken(var constraint):
                say($"refused {letter.Id} {constraint}");
                return context.Refused(constraint);
            case var other:
                throw new InvalidOperationException($"The effect ended in {other.GetType().Name}.");
        }
    }
}
