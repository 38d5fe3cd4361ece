using System.Text.Json;
using FiberLink.Crypto;
using FiberLink.Crypto.Liabilities;
using FiberLink.Events;
using FiberLink.Events.Liabilities;
using FiberLink.Events.Money;
using FiberLink.EventStore;
using FiberLink.Postgres;

namespace FiberLink.Service.Audit;

/// <summary>A root that was published.</summary>
/// <param name="Tenant">The community.</param>
/// <param name="At">Where the event is in the log.</param>
/// <param name="Body">What it says.</param>
public sealed record LiabilityPublication(string Tenant, long At, LiabilitiesEvent.Published Body)
{
    /// <summary>The event's stored name.</summary>
    public const string Name = "liabilities.published.v1";

    private const string StreamPrefix = "liabilities-";

    private static readonly EventContract Contract = EventContracts.All.Single(c => c.Name == Name);

    /// <summary>What the tree is about.</summary>
    public Bytes32 Scope => LiabilityHash.Scope(Tenant, Body.Total.Asset.Code, Body.Position);

    /// <summary>The root that was published; null when what stands there is none.</summary>
    public LiabilityNode? Root => Bytes32.TryParse(Body.Root, out var root) ? new(root, Body.Total.Units) : null;

    /// <summary>What everybody is shown of it, on one line: hashes and positions, neither the community nor the total.</summary>
    public string PublicLine =>
        FormattableString.Invariant($"at {At} of {Body.Position} scope {Scope.ToHex()} root {Body.Root}");

    /// <summary>Where an asset's publications are.</summary>
    public static StreamId Stream(string tenant, Asset asset) => new(tenant, StreamPrefix + asset.Code);

    /// <summary>The body as it is stored.</summary>
    public static byte[] Write(LiabilitiesEvent.Published body) => JsonSerializer.SerializeToUtf8Bytes(body, Contract.Json);

    /// <summary>Reads a body; null when it is none.</summary>
    public static LiabilitiesEvent.Published? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, Contract.Json) as LiabilitiesEvent.Published;
        }
        catch (Exception strange) when (strange is JsonException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    /// <summary>All that were published, in the log's order.</summary>
    /// <param name="work">Where it is read.</param>
    /// <param name="tenant">Only this community's; null for all.</param>
    /// <param name="ct">Stops it.</param>
    public static async Task<IReadOnlyList<LiabilityPublication>> ReadAsync(UnitOfWork work, string? tenant, CancellationToken ct) =>
        Read(await StoredBodies.ReadAsync(work, Name, StreamPrefix, tenant, ct));

    /// <summary>Those of some streams between two positions, in the log's order.</summary>
    /// <param name="work">Where it is read.</param>
    /// <param name="streams">Which: a scan of all streams is for operators.</param>
    /// <param name="after">Behind this position.</param>
    /// <param name="upTo">And up to this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Stops it.</param>
    public static async Task<IReadOnlyList<LiabilityPublication>> ReadPageAsync(
        UnitOfWork work, IReadOnlyList<StreamId> streams, long after, long upTo, int limit, CancellationToken ct) =>
        Read(await StoredBodies.ReadAsync(work, Name, streams, after, upTo, limit, ct));

    /// <summary>What is wrong with it, in words that follow on "the publication at position 7"; null when nothing is.</summary>
    /// <param name="salt">Its salt; null when that is gone.</param>
    /// <param name="owed">What members had at its position.</param>
    public string? Fault(Bytes32? salt, MemberTotals owed)
    {
        if (owed.BelowZero is { } member)
        {
            return $"was made although {member} had less than nothing";
        }

        if (salt is not { } known)
        {
            return "cannot be computed again, because its salt is gone";
        }

        if (LiabilityHash.OfSalt(known).ToHex() != Body.SaltHash)
        {
            return "was made with another salt than the one that is kept";
        }

        try
        {
            var tree = LiabilityTree.Of(Scope, known, owed.Positive);
            return tree.Root == Root && tree.Depth == Body.Depth
                ? null
                : "is not what the log gives: somebody's balance is left out of it, or is another";
        }
        catch (OverflowException)
        {
            return "cannot be computed again: the balances are more than can be added up";
        }
    }

    // What is no publication is left out.
    private static List<LiabilityPublication> Read(IReadOnlyList<StoredBody> stored) =>
        [.. from one in stored
            let body = TryRead(one.Body.Span)
            where body is not null
            select new LiabilityPublication(one.Tenant, one.Position, body)];
}
