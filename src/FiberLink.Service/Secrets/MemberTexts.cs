using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FiberLink.Events;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Secrets;

/// <summary>Seals and opens what members write, under a key of each member's own. Deleting the key erases the texts.</summary>
internal sealed class MemberTexts(NpgsqlDataSource database, MasterKeys masterKeys, TimeProvider time)
{
    private const string Purpose = "member-keys";
    private const int KeyBytes = 32;
    private const int CachedKeysMax = 10_000;

    // How long an erased key may still open texts in this process.
    private static readonly TimeSpan CachedFor = TimeSpan.FromMinutes(1);

    private const string Find =
        "select key_id, master_key_id, nonce, ciphertext from vault.member_keys where tenant_id = $1 and member = $2";

    private const string FindById =
        "select key_id, master_key_id, nonce, ciphertext from vault.member_keys where key_id = any($1)";

    private const string Insert =
        """
        insert into vault.member_keys (key_id, tenant_id, member, master_key_id, nonce, ciphertext)
        values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint one_key_per_member do nothing
        """;

    private readonly ConcurrentDictionary<Guid, (byte[] Key, DateTimeOffset Until)> _byId = [];

    /// <summary>Seals a text under the member's key, which is made when there is none.</summary>
    public async Task<SealedText> SealAsync(string tenant, string member, string text, CancellationToken ct)
    {
        var (keyId, key) = await FindAsync(tenant, member, ct) ?? await MakeAsync(tenant, member, ct);
        var (nonce, ciphertext) = SecretBox.Seal(key, Encoding.UTF8.GetBytes(text), keyId.ToByteArray());
        return new(keyId, Convert.ToBase64String(nonce), Convert.ToBase64String(ciphertext));
    }

    /// <summary>Opens texts, in their order; null where there was none or the key was erased.</summary>
    public async Task<IReadOnlyList<string?>> OpenAsync(IReadOnlyList<SealedText?> texts, CancellationToken ct)
    {
        await LoadAsync([.. texts.OfType<SealedText>().Select(t => t.KeyId).Distinct()], ct);
        return [.. texts.Select(Open)];
    }

    private string? Open(SealedText? text) =>
        text is not null && _byId.TryGetValue(text.KeyId, out var cached)
            ? Encoding.UTF8.GetString(SecretBox.Open(
                cached.Key, Convert.FromBase64String(text.Nonce), Convert.FromBase64String(text.Ciphertext), text.KeyId.ToByteArray()))
            : null;

    private async Task LoadAsync(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var wanted = ids.Where(id => !_byId.TryGetValue(id, out var cached) || cached.Until <= now).ToArray();
        if (wanted.Length == 0)
        {
            return;
        }

        if (_byId.Count > CachedKeysMax)
        {
            _byId.Clear();
        }

        foreach (var id in wanted)
        {
            _byId.TryRemove(id, out _);
        }

        await using var command = database.Command(FindById, new NpgsqlParameter { Value = wanted });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (id, key) = Unwrap(reader);
            _byId[id] = (key, now + CachedFor);
        }
    }

    private async Task<(Guid Id, byte[] Key)?> FindAsync(string tenant, string member, CancellationToken ct)
    {
        await using var command = database.Command(Find, new() { Value = tenant }, new() { Value = member });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Unwrap(reader) : null;
    }

    private async Task<(Guid Id, byte[] Key)> MakeAsync(string tenant, string member, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var (nonce, ciphertext) = SecretBox.Seal(
            masterKeys.Derive(masterKeys.CurrentId, Purpose), RandomNumberGenerator.GetBytes(KeyBytes), id.ToByteArray());
        await using var command = database.Command(
            Insert,
            new() { Value = id },
            new() { Value = tenant },
            new() { Value = member },
            new() { Value = masterKeys.CurrentId },
            new() { Value = nonce },
            new() { Value = ciphertext });
        await command.ExecuteNonQueryAsync(ct);

        // Read back rather than answered: another request may have made the member's key first.
        return await FindAsync(tenant, member, ct)
            ?? throw new InvalidOperationException("A member's key was erased in the moment it was made.");
    }

    private (Guid Id, byte[] Key) Unwrap(NpgsqlDataReader reader)
    {
        var id = reader.GetGuid(0);
        return (id, SecretBox.Open(
            masterKeys.Derive(reader.GetString(1), Purpose),
            reader.GetFieldValue<byte[]>(2),
            reader.GetFieldValue<byte[]>(3),
            id.ToByteArray()));
    }
}
