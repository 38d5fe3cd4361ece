using Npgsql;

namespace FiberLink.Projections.LedgerEntries;

/// <summary>What a stream of postings is about, in the words of whoever asked for it.</summary>
public abstract record PostingOrigin
{
    private PostingOrigin()
    {
    }

    /// <param name="From">Who tipped.</param>
    /// <param name="To">Who was tipped.</param>
    /// <param name="PostId">For which post.</param>
    public sealed record Tip(string From, string To, string PostId) : PostingOrigin;

    /// <param name="Destination">Where to: an invoice or an address.</param>
    public sealed record Withdrawal(string Destination) : PostingOrigin;

    /// <param name="Reason">Why it was asked for.</param>
    public sealed record Adjustment(string Reason) : PostingOrigin;
}

/// <summary>Says what postings come from, many at a time, within one community.</summary>
public sealed class PostingOriginsQuery(NpgsqlDataSource database)
{
    private const string Origins =
        """
        select 'tip-' || replace(tip_id::text, '-', ''), 1, from_member, to_member, post_id
          from read_models.tip_activity where tenant_id = $1 and tip_id = any($2)
        union all
        select 'withdrawal-' || replace(withdrawal_id::text, '-', ''), 2, destination, null, null
          from read_models.withdrawals where tenant_id = $1 and withdrawal_id = any($3)
        union all
        select 'adjustment-' || replace(adjustment_id::text, '-', ''), 3, reason, null, null
          from read_models.adjustments where tenant_id = $1 and adjustment_id = any($4)
        """;

    /// <summary>What is known of streams by their names.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="streams">Names of streams, of any kind.</param>
    /// <param name="ct">Stops the read.</param>
    /// <returns>By stream. Missing are other kinds, and tips that the dashboards do not show yet.</returns>
    public async Task<IReadOnlyDictionary<string, PostingOrigin>> FindAsync(
        string tenant, IReadOnlyCollection<string> streams, CancellationToken ct)
    {
        Guid[] Of(string kind) =>
            [.. streams.Where(s => s.StartsWith(kind, StringComparison.Ordinal)).Select(s => IdIn(s, kind)).OfType<Guid>().Distinct()];

        await using var command = Sql.Command(database, Origins, tenant, Of("tip-"), Of("withdrawal-"), Of("adjustment-"));
        var found = new Dictionary<string, PostingOrigin>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found[reader.GetString(0)] = reader.GetInt32(1) switch
            {
                1 => new PostingOrigin.Tip(reader.GetString(2), reader.GetString(3), reader.GetString(4)),
                2 => new PostingOrigin.Withdrawal(reader.GetString(2)),
                _ => new PostingOrigin.Adjustment(reader.GetString(2)),
            };
        }

        return found;
    }

    private static Guid? IdIn(string stream, string kind) => Guid.TryParseExact(stream[kind.Length..], "N", out var id) ? id : null;
}
