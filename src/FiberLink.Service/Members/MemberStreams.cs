using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using FiberLink.Events;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Projections;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.Ledger;
using Npgsql;

namespace FiberLink.Service.Members;

/// <summary>Which streams of the log are about a member, and what they hold as of a position.</summary>
internal sealed class MemberStreams(MemberStreamsQuery traces, NpgsqlDataSource database, IEventStore store)
{
    private const int PageMax = 1_000;

    // The key that stops of withdrawals are decided under, in a community and for the whole hub.
    private const string PayoutControl = "payout_control";

    /// <summary>What is recorded about the member and no tip or withdrawal. Ids may be longer than keys: it goes by a hash.</summary>
    public static StreamId OfMember(string tenant, string member) =>
        new(tenant, $"member-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(member)))}");

    /// <summary>Tips that the member gave or received.</summary>
    /// <exception cref="LedgerIsBehindException">The read model is too far behind the log.</exception>
    public async IAsyncEnumerable<EventStream> TipsAsync(
        string tenant, string member, long position, [EnumeratorCancellation] CancellationToken ct)
    {
        var shown = Math.Min((await ShownPosition.ReadAsync(database, TipActivityProjection.ProjectionName, ct)).Position, position);
        if (position - shown > LedgerBooks.UnshownMax)
        {
            throw new LedgerIsBehindException(string.Create(
                CultureInfo.InvariantCulture,
                $"TipActivity shows the log up to {shown}, more than {LedgerBooks.UnshownMax} events behind its end at {position}. "
                + $"Wait for the service to catch up ('fiberlink projections list' says how far it is)."));
        }

        await foreach (var id in traces.TipsAsync(tenant, member, shown, ct))
        {
            yield return await ReadAsync(TipStream(tenant, id), position, ct);
        }

        // What the read model did not show when it was asked is looked for in the log.
        await foreach (var id in UnshownAsync(tenant, member, shown, position, ct))
        {
            yield return await ReadAsync(TipStream(tenant, id), position, ct);
        }
    }

    /// <summary>The member's withdrawals.</summary>
    public IAsyncEnumerable<EventStream> WithdrawalsAsync(string tenant, string member, long position, CancellationToken ct) =>
        ReadAllAsync(traces.WithdrawalsAsync(tenant, member, ct), id => new(tenant, $"withdrawal-{id:N}"), position, ct);

    /// <summary>Corrections of the books by hand on an account of the member's.</summary>
    public IAsyncEnumerable<EventStream> AdjustmentsAsync(string tenant, string member, long position, CancellationToken ct) =>
        ReadAllAsync(traces.AdjustmentsAsync(tenant, member, ct), id => new(tenant, $"adjustment-{id:N}"), position, ct);

    /// <summary>What else was decided about the member: texts that were erased, withdrawals that were stopped.</summary>
    public async IAsyncEnumerable<RecordedEvent> DecisionsAsync(
        string tenant, string member, long position, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var e in (await ReadAsync(OfMember(tenant, member), position, ct)).Events)
        {
            yield return e;
        }

        foreach (var stops in new StreamId[] { new(tenant, PayoutControl), new(Tenants.Hub, PayoutControl) })
        {
            EventStream page;
            for (var from = 1L; (page = await ReadAsync(stops, position, ct, from, PageMax)).Events.Count > 0; from += page.Events.Count)
            {
                foreach (var e in page.Events)
                {
                    if (await IsAboutAsync(tenant, member, e.Body, ct))
                    {
                        yield return e;
                    }
                }
            }
        }
    }

    /// <summary>
    /// Where the events are that are about the member: all of each tip, withdrawal and correction, and what was erased. Stops of
    /// withdrawals are the hub's decisions, and not among them.
    /// </summary>
    /// <returns>Positions of the log, rising; none for a member of whom nothing is known.</returns>
    /// <exception cref="LedgerIsBehindException">The read model is too far behind the log.</exception>
    public async Task<IReadOnlyList<long>> PositionsAsync(string tenant, string member, long position, CancellationToken ct)
    {
        var all = new SortedSet<long>((await ReadAsync(OfMember(tenant, member), position, ct)).Events.Select(e => e.Position));
        foreach (var streams in new[]
        {
            TipsAsync(tenant, member, position, ct),
            WithdrawalsAsync(tenant, member, position, ct),
            AdjustmentsAsync(tenant, member, position, ct),
        })
        {
            await foreach (var stream in streams)
            {
                all.UnionWith(stream.Events.Select(e => e.Position));
            }
        }

        return [.. all];
    }

    private static StreamId TipStream(string tenant, Guid id) => new(tenant, $"tip-{id:N}");

    private async IAsyncEnumerable<Guid> UnshownAsync(
        string tenant, string member, long shown, long position, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = shown; after < position;)
        {
            var query = new LogQuery { After = after, UpTo = position, Tenant = tenant, StreamPrefix = "tip-" };
            var page = await store.ReadLogAsync(query, PageMax, ct);
            foreach (var tip in page.Events.Select(e => e.Body).OfType<TipEvent.Requested>())
            {
                if (tip.From == member || tip.To == member)
                {
                    yield return tip.TipId;
                }
            }

            after = page.IsAtEnd ? position : page.Position;
        }
    }

    private async Task<bool> IsAboutAsync(string tenant, string member, object body, CancellationToken ct) =>
        body switch
        {
            PayoutControlEvent.Denied { Kind: DenialKind.Member } e => e.Value == member,
            PayoutControlEvent.Readmitted { Kind: DenialKind.Member } e => e.Value == member,
            PayoutControlEvent.Denied e => await traces.HasWithdrawnToAsync(tenant, member, e.Value, ct),
            PayoutControlEvent.Readmitted e => await traces.HasWithdrawnToAsync(tenant, member, e.Value, ct),
            _ => false,
        };

    private async IAsyncEnumerable<EventStream> ReadAllAsync(
        IAsyncEnumerable<Guid> ids, Func<Guid, StreamId> named, long position, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var id in ids.WithCancellation(ct))
        {
            // It may have begun after the position.
            if (await ReadAsync(named(id), position, ct) is { Events.Count: > 0 } stream)
            {
                yield return stream;
            }
        }
    }

    private Task<EventStream> ReadAsync(StreamId stream, long position, CancellationToken ct, long? from = null, int? atMost = null) =>
        store.ReadStreamAsync(stream, new() { AsOf = new LogPoint.Position(position), From = from, AtMost = atMost }, ct);
}
