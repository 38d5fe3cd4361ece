using System.Collections.Concurrent;
using System.Security.Cryptography;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Secrets;

/// <summary>The keys of members' texts, in the vault and for a while in this process.</summary>
internal sealed class MemberKeys(NpgsqlDataSource database, MasterKeys masterKeys, TimeProvider time)
{
    private const string Channel = "fiberlink_member_keys";
    private const string Purpose = "member-keys";
    private const int KeyBytes = 32;
    private const int CachedKeysMax = 10_000;

    private const string Find =
        "select key_id, master_key_id, nonce, ciphertext from vault.member_keys where tenant_id = $1 and member = $2";

    private const string FindId = "select key_id from vault.member_keys where tenant_id = $1 and member = $2";

    private const string FindByIds =
        "select key_id, master_key_id, nonce, ciphertext from vault.member_keys where key_id = any($1)";

    private const string Insert =
        """
        insert into vault.member_keys (key_id, tenant_id, member, master_key_id, nonce, ciphertext)
        values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint one_key_per_member do nothing
        """;

    // A new one each time that keys are forgotten: who was reading meanwhile puts what was read into the old one.
    private volatile ConcurrentDictionary<Guid, (byte[] Key, DateTimeOffset Until)> _cached = new();

    /// <summary>How long an erased key may still open texts in a process that was not told.</summary>
    public static TimeSpan CachedFor { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Which key a member's texts are sealed under; null when there is none.</summary>
    public async Task<Guid?> FindIdAsync(string tenant, string member, CancellationToken ct)
    {
        await using var command = database.Command(FindId, new() { Value = tenant }, new() { Value = member });
        return (Guid?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>The member's key, which is made when there is none. Never from memory: it may have been erased.</summary>
    public async Task<(Guid Id, byte[] Key)> FindOrMakeAsync(string tenant, string member, CancellationToken ct)
    {
        while (true)
        {
            if (await FindAsync(tenant, member, ct) is { } there)
            {
                return there;
            }

            // Looked for again when another request was faster. It may be gone by then, and is made again.
            if (await MakeAsync(tenant, member, ct) is { } made)
            {
                return made;
            }
        }
    }

    /// <summary>Keys by their ids; those that were erased are missing.</summary>
    public async Task<IReadOnlyDictionary<Guid, byte[]>> FindAsync(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var cached = _cached;
        var now = time.GetUtcNow();
        var found = new Dictionary<Guid, byte[]>();
        var wanted = new List<Guid>();
        foreach (var id in ids)
        {
            if (cached.TryGetValue(id, out var known) && known.Until > now)
            {
                found.Add(id, known.Key);
            }
            else
            {
                wanted.Add(id);
            }
        }

        if (wanted.Count > 0)
        {
            await ReadAsync(wanted, found, ct);
            Keep(cached, wanted, found, now + CachedFor);
        }

        return found;
    }

    /// <summary>Has every key read anew from the vault before it opens another text.</summary>
    public void Forget() => _cached = new();

    /// <summary>Forgets as soon as a key was erased, whichever process did it.</summary>
    /// <exception cref="OperationCanceledException">The only way it ends.</exception>
    public Task ListenAsync(CancellationToken ct) => new Notifications(database, time).RunAsync(Channel, Forget, ct);

    private static void Keep(
        ConcurrentDictionary<Guid, (byte[] Key, DateTimeOffset Until)> cached,
        List<Guid> asked,
        Dictionary<Guid, byte[]> found,
        DateTimeOffset until)
    {
        if (cached.Count > CachedKeysMax)
        {
            cached.Clear();
        }

        foreach (var id in asked)
        {
            if (found.TryGetValue(id, out var key))
            {
                cached[id] = (key, until);
            }
            else
            {
                cached.TryRemove(id, out _);
            }
        }
    }

    private async Task ReadAsync(List<Guid> ids, Dictionary<Guid, byte[]> found, CancellationToken ct)
    {
        await using var command = database.Command(FindByIds, new NpgsqlParameter { Value = ids.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (id, key) = Unwrap(reader);
            found.Add(id, key);
        }
    }

    private async Task<(Guid Id, byte[] Key)?> FindAsync(string tenant, string member, CancellationToken ct)
    {
        await using var command = database.Command(Find, new() { Value = tenant }, new() { Value = member });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Unwrap(reader) : null;
    }

    /// <returns>Null when the member has one by now.</returns>
    private async Task<(Guid Id, byte[] Key)?> MakeAsync(string tenant, string member, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var (nonce, ciphertext) = SecretBox.Seal(masterKeys.Derive(masterKeys.CurrentId, Purpose), key, id.ToByteArray());
        await using var command = database.Command(
            Insert,
            new() { Value = id },
            new() { Value = tenant },
            new() { Value = member },
            new() { Value = masterKeys.CurrentId },
            new() { Value = nonce },
            new() { Value = ciphertext });
        return await command.ExecuteNonQueryAsync(ct) == 1 ? (id, key) : null;
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
