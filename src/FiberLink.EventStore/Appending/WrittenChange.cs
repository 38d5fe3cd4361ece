using FiberLink.EventStore.Sealing;

namespace FiberLink.EventStore;

/// <summary>A change that was checked, with its events in their stored form.</summary>
/// <param name="Change">What was asked for.</param>
/// <param name="Appends">In the one order in which everybody locks streams, so that two changes never wait for each other.</param>
/// <param name="EventCount">How many events it has.</param>
/// <param name="ByteCount">How much their bodies take.</param>
internal sealed record WrittenChange(Change Change, IReadOnlyList<WrittenAppend> Appends, int EventCount, int ByteCount)
{
    /// <exception cref="ArgumentException">The change is malformed; the message says how.</exception>
    public static WrittenChange Check(Change change, EventCatalogue catalogue)
    {
        CheckNames(change);
        change = change with { At = ToMicroseconds(change.At) };
        var sorted = change.Appends.ToArray();
        Array.Sort(sorted, (a, b) => InLockOrder(a.Stream, b.Stream));
        var appends = new WrittenAppend[sorted.Length];
        var (events, bytes) = (0, 0);
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i].Stream == sorted[i - 1].Stream)
            {
                throw new ArgumentException("A stream appears once in a change.", nameof(change));
            }

            var stored = Stored(sorted[i], catalogue);
            appends[i] = new(sorted[i], stored, Sealed(change, sorted[i], stored));
            events += appends[i].Stored.Length;
            bytes += appends[i].Stored.Sum(s => s.Body.Length);
        }

        return events <= Change.EventsMax
            ? new(change, appends, events, bytes)
            : throw new ArgumentException($"A change has at most {Change.EventsMax} events, not {events}.", nameof(change));
    }

    /// <summary>The one order in which everybody locks streams.</summary>
    public static int InLockOrder(StreamId a, StreamId b) =>
        string.CompareOrdinal(a.Tenant, b.Tenant) is not 0 and var byTenant ? byTenant : string.CompareOrdinal(a.Key, b.Key);

    /// <summary>What is answered now must be what is read later, and PostgreSQL keeps microseconds.</summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>The events with their places.</summary>
    /// <param name="before">The versions that the streams have before this change, in the order of <see cref="Appends"/>.</param>
    /// <param name="head">The log's last position before this change.</param>
    public RecordedEvent[] Record(ReadOnlySpan<long> before, long head)
    {
        var recorded = new RecordedEvent[EventCount];
        var n = 0;
        for (var a = 0; a < Appends.Count; a++)
        {
            var (append, stored, _) = Appends[a];
            for (var i = 0; i < stored.Length; i++)
            {
                var @event = append.Events[i];
                recorded[n] = new(
                    head + n + 1,
                    append.Stream,
                    before[a] + i + 1,
                    @event.Id,
                    stored[i].Name,
                    @event.Body,
                    Change.At,
                    Change.Metadata);
                n++;
            }
        }

        return recorded;
    }

    private static StoredEvent[] Stored(StreamAppend append, EventCatalogue catalogue)
    {
        var stream = append.Stream;
        if (!StoredText.IsName(stream.Tenant, StreamId.LengthMax) || !StoredText.IsName(stream.Key, StreamId.LengthMax))
        {
            throw new ArgumentException(
                $"Tenant and key of a stream have 1 to {StreamId.LengthMax} characters: {stream}.", nameof(append));
        }

        if (append.Events.Count == 0)
        {
            throw new ArgumentException("An append has at least one event.", nameof(append));
        }

        var stored = new StoredEvent[append.Events.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = catalogue.ToStored(append.Events[i].Body);
            if (StoredText.HasNul(stored[i].Body))
            {
                throw new ArgumentException($"A text in {stored[i].Name} has a character that cannot be stored: U+0000.", nameof(append));
            }
        }

        return stored;
    }

    private static SealedForm[] Sealed(Change change, StreamAppend append, StoredEvent[] stored)
    {
        var forms = new SealedForm[stored.Length];
        for (var i = 0; i < forms.Length; i++)
        {
            try
            {
                forms[i] = SealedForm.Of(append.Stream, append.Events[i].Id, stored[i], change.At, change.Metadata);
            }
            catch (FormatException formless)
            {
                throw new ArgumentException($"The body of {stored[i].Name} cannot be sealed: {formless.Message}", nameof(change), formless);
            }
        }

        return forms;
    }

    private static void CheckNames(Change change)
    {
        foreach (var claim in change.Claims)
        {
            CheckName(claim.Tenant);
            CheckName(claim.Scope);
            CheckName(claim.Key);
            CheckName(claim.Holder);
        }

        foreach (var release in change.Releases)
        {
            CheckName(release.Tenant);
            CheckName(release.Scope);
            CheckName(release.Holder);
        }

        var (correlation, causation, actor, trace) = change.Metadata;
        if (!IsText(correlation) || !IsText(causation) || !IsText(actor) || !IsText(trace))
        {
            throw new ArgumentException("The metadata has a character that cannot be stored.", nameof(change));
        }

        void CheckName(string name)
        {
            if (!StoredText.IsName(name, Claim.LengthMax))
            {
                throw new ArgumentException(
                    $"What is claimed or given back is named in 1 to {Claim.LengthMax} characters.", nameof(change));
            }
        }
    }

    private static bool IsText(string? text) => text is null || StoredText.IsText(text);
}

/// <param name="Append">What was asked for.</param>
/// <param name="Stored">Its events in their stored form.</param>
/// <param name="Sealed">What they are sealed by, but for their versions.</param>
internal sealed record WrittenAppend(StreamAppend Append, StoredEvent[] Stored, SealedForm[] Sealed);
