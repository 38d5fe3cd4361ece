using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Members;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Projections.Communities;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Secrets;

namespace FiberLink.Service.Members;

/// <summary>
/// Erases what a member has written, by deleting the key that it was sealed under. The log, its hashes and the books stay as they are:
/// they never had the words.
/// </summary>
public sealed class MemberErasure
{
    private readonly MemberKeys _keys;
    private readonly MemberStreamsQuery _traces;
    private readonly CommunitiesQuery _communities;
    private readonly IEventStore _store;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal MemberErasure(
        MemberKeys keys, MemberStreamsQuery traces, CommunitiesQuery communities, IEventStore store, Ids ids, TimeProvider time) =>
        (_keys, _traces, _communities, _store, _ids, _time) = (keys, traces, communities, store, ids, time);

    /// <summary>Says what there is to erase, and what was.</summary>
    public async Task<ErasureAnswer> LookAsync(string app, string member, CancellationToken ct)
    {
        if (await _communities.FindAsync(app, ct) is null)
        {
            return new ErasureAnswer.Refused($"There is no community '{app}'; 'fiberlink communities list' has them all.");
        }

        var erased = await ErasedAsync(app, member, ct);
        if (await _keys.FindIdAsync(app, member, ct) is { } keyId)
        {
            return new ErasureAnswer.Found(keyId, await _traces.CountTextsAsync(app, member, keyId, ct), erased);
        }

        return erased.Count > 0 || await _traces.IsKnownAsync(app, member, ct)
            ? new ErasureAnswer.Nothing(erased)
            : new ErasureAnswer.Refused($"Nothing is on record about a member '{member}' of {app}. Is the name right?");
    }

    /// <summary>Deletes the member's key, and records that in the same commit. What the member writes later gets another key.</summary>
    /// <param name="app">The community.</param>
    /// <param name="member">The member.</param>
    /// <param name="by">Who: one line of at most 100 characters.</param>
    /// <param name="reason">Why: one line of at most 500 characters. It stays in the log: nothing of the texts belongs in it.</param>
    /// <param name="ct">Stops before the commit.</param>
    /// <returns>
    /// <see cref="ErasureAnswer.Erased"/>; <see cref="ErasureAnswer.Nothing"/> where there was no key; or
    /// <see cref="ErasureAnswer.Refused"/>.
    /// </returns>
    public async Task<ErasureAnswer> EraseAsync(string app, string member, string by, string reason, CancellationToken ct)
    {
        // Checked here too: whatever is on record, others have to be able to read it on a line.
        if (OperatorWords.Objection(by, reason) is not null)
        {
            throw new ArgumentException("Say who decides it, and why, on one line each.", nameof(by));
        }

        while (true)
        {
            var looked = await LookAsync(app, member, ct);
            if (looked is not ErasureAnswer.Found found)
            {
                return looked;
            }

            var now = _time.GetUtcNow();
            var change = new Change(
                [
                    new(
                        MemberStreams.OfMember(app, member),
                        ExpectedVersion.Any,
                        _ids.Of([new MemberEvent.TextsErased(member, found.KeyId, by, reason, now)])),
                ],
                new(null, null, $"operator:{by}", null),
                now) { Rows = [new MemberKeyErasureRow(app, member, found.KeyId)] };
            switch (await _store.AppendAsync(change, ct))
            {
                case AppendResult.Appended done:
                    _keys.Forget();
                    return new ErasureAnswer.Erased(found.KeyId, found.Texts, done.Events[0].Position);
                case AppendResult.ConstraintBroken { Constraint: MemberKeyErasureRow.IsThere }:
                    // Somebody else was faster. If the member has written since, there is another key to erase.
                    continue;
                case AppendResult.Unknown unknown:
                    throw new OutcomeIsUnknownException(unknown.ChangeId);
                case var other:
                    throw new System.Diagnostics.UnreachableException($"An erasure cannot end in {other}.");
            }
        }
    }

    private async Task<IReadOnlyList<MemberEvent.TextsErased>> ErasedAsync(string app, string member, CancellationToken ct) =>
    [
        .. (await _store.ReadStreamAsync(MemberStreams.OfMember(app, member), ct)).Events.Select(e => e.Body)
            .OfType<MemberEvent.TextsErased>(),
    ];
}
