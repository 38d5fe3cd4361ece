using System.Text;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Secrets;

/// <summary>A community's secret, sealed; it commits with the event that names it.</summary>
internal sealed record CommunitySecretRow(Guid SecretId, string AppId, string MasterKeyId, byte[] Nonce, byte[] Ciphertext) : CommitRow
{
    private const string Purpose = "community-secrets";

    public static CommunitySecretRow Seal(MasterKeys keys, Guid secretId, string appId, string secret)
    {
        var (nonce, ciphertext) = SecretBox.Seal(
            keys.Derive(keys.CurrentId, Purpose), Encoding.UTF8.GetBytes(secret), BelongsTo(secretId, appId));
        return new(secretId, appId, keys.CurrentId, nonce, ciphertext);
    }

    /// <summary>The secret's UTF-8 bytes: the key that requests are signed with.</summary>
    public byte[] Open(MasterKeys keys) =>
        SecretBox.Open(keys.Derive(MasterKeyId, Purpose), Nonce, Ciphertext, BelongsTo(SecretId, AppId));

    private static byte[] BelongsTo(Guid secretId, string appId) => Encoding.UTF8.GetBytes($"{secretId:N}/{appId}");
}

internal sealed class CommunitySecretWriter : ICommitRowWriter
{
    private const string Insert =
        """
        insert into vault.community_secrets (secret_id, app_id, master_key_id, nonce, ciphertext)
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
        """;

    public Type RowType => typeof(CommunitySecretRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        var secrets = rows.Cast<CommunitySecretRow>().ToArray();
        batch.Add(
            Insert,
            new() { Value = secrets.Select(s => s.SecretId).ToArray() },
            new() { Value = secrets.Select(s => s.AppId).ToArray() },
            new() { Value = secrets.Select(s => s.MasterKeyId).ToArray() },
            new() { Value = secrets.Select(s => s.Nonce).ToArray() },
            new() { Value = secrets.Select(s => s.Ciphertext).ToArray() });
    }
}
