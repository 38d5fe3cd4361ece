using System.Collections.Concurrent;
using FiberLink.Postgres;
using FiberLink.Service.Secrets;
using Npgsql;

namespace FiberLink.Service.Authentication;

/// <summary>The secrets that sign for a community now: its present one, and the one before it while both are valid.</summary>
internal sealed class CommunitySecrets(NpgsqlDataSource database, MasterKeys keys, TimeProvider time)
{
    private const int CachedMax = 10_000;

    /// <summary>How long a secret that was withdrawn at once may still be accepted by a service node that knows it.</summary>
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(5);

    /// <summary>Wrong signatures do not make more reads of the vault than this.</summary>
    private static readonly TimeSpan FreshAtMost = TimeSpan.FromSeconds(1);

    private const string Find =
        """
        select s.secret_id, s.app_id, s.master_key_id, s.nonce, s.ciphertext,
               case when s.secret_id = c.secret_id then null else c.previous_valid_until end
          from read_models.communities as c
          join vault.community_secrets as s on s.secret_id in (c.secret_id, c.previous_secret_id)
         where c.app_id = $1
        """;

    private readonly ConcurrentDictionary<string, Entry> _byApp = new(StringComparer.Ordinal);

    /// <param name="app">The community.</param>
    /// <param name="now">Decides whether the previous secret is still valid.</param>
    /// <param name="fresh">True to look again although something is remembered.</param>
    /// <param name="ct">Stops the call.</param>
    /// <returns>The secrets' UTF-8 bytes; none for a community that is not known. The same list for the same reading.</returns>
    public async Task<IReadOnlyList<byte[]>> FindAsync(string app, DateTimeOffset now, bool fresh, CancellationToken ct)
    {
        if (!_byApp.TryGetValue(app, out var entry) || now - entry.ReadAt > (fresh ? FreshAtMost : CachedFor))
        {
            entry = new(time.GetUtcNow(), await ReadAsync(app, ct));
            if (_byApp.Count > CachedMax)
            {
                _byApp.Clear();
            }

            _byApp[app] = entry;
        }

        return entry.ValidAt(now);
    }

    private async Task<IReadOnlyList<(byte[] Secret, DateTimeOffset? Until)>> ReadAsync(string app, CancellationToken ct)
    {
        var secrets = new List<(byte[], DateTimeOffset?)>();
        await using var command = database.Command(Find, new NpgsqlParameter { Value = app });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = new CommunitySecretRow(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetFieldValue<byte[]>(3),
                reader.GetFieldValue<byte[]>(4));
            secrets.Add((row.Open(keys), reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return secrets;
    }

    private sealed record Entry(DateTimeOffset ReadAt, IReadOnlyList<(byte[] Secret, DateTimeOffset? Until)> Secrets)
    {
        private readonly IReadOnlyList<byte[]> _all = [.. Secrets.Select(s => s.Secret)];

        public IReadOnlyList<byte[]> ValidAt(DateTimeOffset now) =>
            Secrets.All(s => s.Until is null || s.Until > now)
                ? _all
                : [.. Secrets.Where(s => s.Until is null || s.Until > now).Select(s => s.Secret)];
    }
}
