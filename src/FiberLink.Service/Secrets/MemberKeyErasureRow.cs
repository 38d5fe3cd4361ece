using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Secrets;

/// <summary>A member's key ceases to exist, in the transaction that appends the event that says so.</summary>
internal sealed record MemberKeyErasureRow(string Tenant, string Member, Guid KeyId) : CommitRow
{
    /// <summary>The constraint that is broken when the member has no such key any more.</summary>
    public const string IsThere = "member_key_is_there";
}

/// <summary>Deletes such keys, and tells those who have them in memory.</summary>
internal sealed class MemberKeyErasureWriter : ICommitRowWriter
{
    private const string Erase = "select vault.erase_member_key($1, $2, $3)";

    public Type RowType => typeof(MemberKeyErasureRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        // One at a time: somebody at a keyboard decides them.
        foreach (var row in rows.Cast<MemberKeyErasureRow>())
        {
            batch.Add(Erase, new() { Value = row.Tenant }, new() { Value = row.Member }, new() { Value = row.KeyId });
        }
    }
}
