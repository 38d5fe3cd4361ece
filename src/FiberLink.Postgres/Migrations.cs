using Npgsql;

namespace FiberLink.Postgres;

/// <summary>Brings a database to the present schema, once, however many processes start at the same time.</summary>
public static class Migrations
{
    private const int LockWaitSecondsMax = 300;
    private const int MigrationSecondsMax = 3600;

    private static readonly long LockKey = AdvisoryKey.Of("fiberlink.schema_migrations");

    /// <summary>Applies what is missing, in the order of the ids, each in a transaction of its own.</summary>
    /// <returns>The ids applied by this call, in order; empty when the database was current.</returns>
    /// <exception cref="ArgumentException">Two migrations have the same id, or an id is empty or too long.</exception>
    /// <exception cref="MigrationException">An applied migration's text has changed, or a statement failed.</exception>
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlDataSource database, IReadOnlyList<Migration> migrations, CancellationToken ct)
    {
        var wanted = InOrder(migrations);

        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var wait = connection.Command("select pg_advisory_lock($1)", new NpgsqlParameter { Value = LockKey }))
        {
            wait.CommandTimeout = LockWaitSecondsMax;
            await wait.ExecuteNonQueryAsync(ct);
        }

        try
        {
            return await ApplyLockedAsync(connection, wanted, ct);
        }
        finally
        {
            // Without a token: a cancelled start must not leave the lock on a connection that goes back to the pool.
            await UnlockAsync(connection);
        }
    }

    /// <summary>Compares without changing anything.</summary>
    /// <returns>What is missing, changed or unknown; <see cref="SchemaDifference.IsCurrent"/> when the program may start.</returns>
    /// <exception cref="ArgumentException">Two migrations have the same id, or an id is empty or too long.</exception>
    public static async Task<SchemaDifference> AssertAsync(
        NpgsqlDataSource database, IReadOnlyList<Migration> migrations, CancellationToken ct)
    {
        var wanted = InOrder(migrations);

        await using var connection = await database.OpenConnectionAsync(ct);
        await using var exists = connection.Command("select to_regclass('fiberlink.schema_migrations') is not null");
        var applied = await exists.ExecuteScalarAsync(ct) is true ? await AppliedAsync(connection, ct) : [];

        return new SchemaDifference(
            [.. wanted.Where(m => !applied.ContainsKey(m.Id)).Select(m => m.Id)],
            [.. wanted.Where(m => applied.TryGetValue(m.Id, out var checksum) && checksum != m.Checksum).Select(m => m.Id)],
            [.. applied.Keys.Except(wanted.Select(m => m.Id), StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    private static Migration[] InOrder(IReadOnlyList<Migration> migrations)
    {
        if (migrations.FirstOrDefault(m => m.Id.Length is 0 or > Migration.IdLengthMax) is { } odd)
        {
            throw new ArgumentException($"'{odd.Id}' is empty or longer than {Migration.IdLengthMax}.", nameof(migrations));
        }

        if (migrations.GroupBy(m => m.Id, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"{twice.Count()} migrations are called '{twice.Key}'.", nameof(migrations));
        }

        return [.. migrations.OrderBy(m => m.Id, StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<string>> ApplyLockedAsync(
        NpgsqlConnection connection, Migration[] wanted, CancellationToken ct)
    {
        await using (var create = connection.Command(SqlScript.Read(typeof(Migrations).Assembly, "schema_migrations.sql")))
        {
            await create.ExecuteNonQueryAsync(ct);
        }

        var applied = await AppliedAsync(connection, ct);
        if (wanted.FirstOrDefault(m => applied.TryGetValue(m.Id, out var checksum) && checksum != m.Checksum) is { } changed)
        {
            throw new MigrationException(changed.Id, "its text has changed since it was applied; write a new one instead.");
        }

        var missing = wanted.Where(m => !applied.ContainsKey(m.Id)).ToArray();
        foreach (var migration in missing)
        {
            await ApplyOneAsync(connection, migration, ct);
        }

        return [.. missing.Select(m => m.Id)];
    }

    private static async Task ApplyOneAsync(NpgsqlConnection connection, Migration migration, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await using var run = connection.Command(migration.Sql);
            run.CommandTimeout = MigrationSecondsMax;
            await run.ExecuteNonQueryAsync(ct);

            await using var record = connection.Command(
                "insert into fiberlink.schema_migrations (id, checksum) values ($1, $2)",
                new NpgsqlParameter { Value = migration.Id },
                new NpgsqlParameter { Value = migration.Checksum });
            await record.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
        catch (PostgresException e)
        {
            throw new MigrationException(migration.Id, e.MessageText, e);
        }
    }

    private static async Task<Dictionary<string, string>> AppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Command("select id, checksum from fiberlink.schema_migrations");
        await using var reader = await command.ExecuteReaderAsync(ct);

        var applied = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct))
        {
            applied.Add(reader.GetString(0), reader.GetString(1));
        }

        return applied;
    }

    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        // A connection that broke has lost its lock with its session.
        if (connection.FullState == System.Data.ConnectionState.Open)
        {
            await using var release = connection.Command("select pg_advisory_unlock($1)", new NpgsqlParameter { Value = LockKey });
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
