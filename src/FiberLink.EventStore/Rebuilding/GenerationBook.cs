using System.Security.Cryptography;
using System.Text;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>Finds, makes and drops generations; the tables of one and its rows in the books come and go in one transaction.</summary>
internal sealed class GenerationBook(NpgsqlDataSource database)
{
    private const int SchemaNameLengthMax = 63;

    private const string Unfinished =
        """
        select g.number, g.schema_name, g.fingerprint, to_regnamespace(quote_ident(g.schema_name)) is not null,
               array(select p.position from event_store.generation_progress as p
                      where p.projection = g.projection and p.number = g.number order by p.shard), g.skipped
          from event_store.generations as g
         where g.projection = $1 and g.purpose = $2 and g.state in ('building', 'ready')
        """;

    private const string NextNumber = "select coalesce(max(number), 1) + 1 from event_store.generations where projection = $1";

    private const string Begin =
        """
        insert into event_store.generations (projection, number, purpose, schema_name, fingerprint) values ($1, $2, $3, $4, $5)
        """;

    private const string BeginShards =
        """
        insert into event_store.generation_progress (projection, number, shard, shards)
        select $1, $2, shard, $3 from generate_series(0, $3 - 1) as shard
        """;

    private const string EndShards = "delete from event_store.generation_progress where projection = $1 and number = $2";

    private const string Tell =
        """
        update event_store.generations set state = $3, changed_at = now()
         where projection = $1 and number = $2 and state in ('building', 'ready')
        """;

    private const string EndLive =
        "update event_store.generations set state = 'dropped', changed_at = now() where projection = $1 and state = 'live'";

    private const string TellSkipped = "update event_store.generations set skipped = $3 where projection = $1 and number = $2";

    private const string Schemas = "select nspname from pg_namespace where nspname not in ('pg_catalog', $1)";

    private const string TablesOf =
        """
        select relname from pg_class where relnamespace = to_regnamespace(quote_ident($1)) and relkind in ('r', 'p') order by relname
        """;

    /// <summary>The generation that an earlier run left, if this program can go on with it; else a new one.</summary>
    /// <exception cref="NotRebuildableException">
    /// The read model's scripts do not make its tables in one schema; or nothing is to be gone on with at
    /// <see cref="RebuildOptions.From"/>.
    /// </exception>
    public async Task<Generation> OpenAsync(ReadModel model, GenerationPurpose purpose, RebuildOptions options, CancellationToken ct)
    {
        var others = (await TextsAsync(Schemas, model.Tables!.Schema, ct)).ToHashSet(StringComparer.Ordinal);
        await using var ask = database.CreateBatch();
        var skipped = (await ProjectionDecisions.ReadAsync(ask, model.Projection.Name, ct)).Skipped;
        var left = await FindAsync(model, purpose, ct);
        var canGoOn = left is { IsWhole: true } && purpose is GenerationPurpose.Rebuild && left.Fingerprint == Fingerprint(model)
            && !skipped.Except(left.Skipped).Any(p => p <= left.Positions.Max());
        if (options.From is > 0 and var from && (!canGoOn || left!.Positions.Min() != from))
        {
            throw new NotRebuildableException(
                (canGoOn
                    ? $"there is no unfinished rebuild at position {from}, only one at {left!.Positions.Min()}: "
                    : "there is no unfinished rebuild to go on with: ")
                + "rows depend on everything that came before, so it cannot begin in the middle: leave --from out.");
        }

        if (canGoOn && options.From is not 0)
        {
            return await SkippingAsync(
                Of(model, left!.Number, left.Schema, others, left.Positions, left.Positions.Min()), skipped, ct);
        }

        if (left is not null)
        {
            await DropAsync(model.Projection.Name, left.Number, left.Schema, ct);
        }

        return await SkippingAsync(await MakeAsync(model, purpose, options.Parallel, others, ct), skipped, ct);
    }

    /// <summary>
    /// Leaves out what was decided to be left out since it was begun. In the transaction that goes by it, so that nothing is decided
    /// between the two.
    /// </summary>
    /// <exception cref="NotRebuildableException">It shows such an event already.</exception>
    public static async Task AdoptSkipsAsync(UnitOfWork work, Generation generation, CancellationToken ct)
    {
        await using var ask = work.Batch();
        var added = (await ProjectionDecisions.ReadAsync(ask, generation.Projection, ct)).Skipped.Except(generation.Skipped).ToArray();
        if (added.FirstOrDefault(p => p <= generation.Positions.Max()) is > 0 and var shown)
        {
            throw new NotRebuildableException(
                $"somebody has decided meanwhile to leave out the event at position {shown}, which it shows. The same again begins anew.");
        }

        generation.Skipped.UnionWith(added);
    }

    /// <summary>Drops what was built; nothing when that has happened already.</summary>
    public async Task DropAsync(string projection, long number, string schema, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        await using var batch = work.Batch();
        AddTell(batch, projection, number, "dropped");
        AddEndShards(batch, projection, number);
        batch.Add($"drop schema if exists {SqlName.Quote(schema)} cascade");
        await batch.ExecuteNonQueryAsync(ct);
        await work.CommitAsync(ct);
    }

    /// <summary>Adds the change of an unfinished generation's state; no row is touched when it is finished.</summary>
    public static NpgsqlBatchCommand AddTell(NpgsqlBatch batch, string projection, long number, string state) =>
        batch.Add(Tell, new() { Value = projection }, new() { Value = number }, new() { Value = state });

    /// <summary>Adds that it is the live one now, and the one before no more.</summary>
    /// <returns>No row is touched when somebody else has finished it.</returns>
    public static NpgsqlBatchCommand AddLive(NpgsqlBatch batch, string projection, long number)
    {
        batch.Add(EndLive, new NpgsqlParameter { Value = projection });
        return AddTell(batch, projection, number, "live");
    }

    /// <summary>Adds the end of its progress rows.</summary>
    public static void AddEndShards(NpgsqlBatch batch, string projection, long number) =>
        batch.Add(EndShards, new() { Value = projection }, new() { Value = number });

    private async Task<Generation> SkippingAsync(Generation generation, IReadOnlySet<long> skipped, CancellationToken ct)
    {
        generation.Skipped.UnionWith(skipped);
        await using var tell = database.Command(
            TellSkipped,
            new() { Value = generation.Projection },
            new() { Value = generation.Number },
            new() { Value = skipped.Order().ToArray() });
        await tell.ExecuteNonQueryAsync(ct);
        return generation;
    }

    private async Task<Left?> FindAsync(ReadModel model, GenerationPurpose purpose, CancellationToken ct)
    {
        await using var command = database.Command(
            Unfinished, new() { Value = model.Projection.Name }, new() { Value = Word(purpose) });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return null;
        }

        var positions = reader.GetFieldValue<long[]>(4);
        return new(
            reader.GetInt64(0),
            reader.GetString(1),
            reader.GetString(2),
            reader.GetBoolean(3) && positions.Length > 0,
            positions,
            reader.GetFieldValue<long[]>(5));
    }

    private async Task<Generation> MakeAsync(
        ReadModel model, GenerationPurpose purpose, int shards, HashSet<string> others, CancellationToken ct)
    {
        var name = model.Projection.Name;
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        await using var ask = work.Command(NextNumber, new NpgsqlParameter { Value = name });
        var number = (long)(await ask.ExecuteScalarAsync(ct))!;
        var schema = SchemaName(model, number);
        var generation = Of(model, number, schema, others, new long[shards], 0);

        await using var batch = work.Batch();
        batch.Add(
            Begin,
            new() { Value = name },
            new() { Value = number },
            new() { Value = Word(purpose) },
            new() { Value = schema },
            new() { Value = Fingerprint(model) });
        batch.Add(BeginShards, new() { Value = name }, new() { Value = number }, new() { Value = shards });

        // What is in a schema of that name is ours, and of a database whose books were emptied.
        batch.Add($"drop schema if exists {SqlName.Quote(schema)} cascade");
        batch.Add($"create schema {SqlName.Quote(schema)}");
        await batch.ExecuteNonQueryAsync(ct);
        await ScriptsAsync(work, generation, ct);
        await work.CommitAsync(ct);
        return generation;
    }

    /// <exception cref="NotRebuildableException">They do not make the tables that they should.</exception>
    private static async Task ScriptsAsync(UnitOfWork work, Generation generation, CancellationToken ct)
    {
        try
        {
            await using (var path = work.Command(ProjectionStatements.EmptyPath))
            {
                await path.ExecuteNonQueryAsync(ct);
            }

            foreach (var script in generation.Tables.Migrations.OrderBy(m => m.Id, StringComparer.Ordinal))
            {
                await using var run = work.Command(generation.Rewrite.Rewrite(script.Sql));
                await run.ExecuteNonQueryAsync(ct);
            }
        }
        catch (PostgresException broken) when (!PostgresFailures.IsTransient(broken))
        {
            throw new NotRebuildableException($"its tables cannot be made in another schema: {broken.MessageText}.");
        }

        await using var list = work.Command(TablesOf, new NpgsqlParameter { Value = generation.Schema });
        await using var reader = await list.ExecuteReaderAsync(ct);
        var made = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            made.Add(reader.GetString(0));
        }

        if (!made.Order(StringComparer.Ordinal).SequenceEqual(generation.Tables.Names.Order(StringComparer.Ordinal)))
        {
            throw new NotRebuildableException(
                $"its scripts make the tables {string.Join(", ", made)}, and it says {string.Join(", ", generation.Tables.Names)}.");
        }
    }

    private static Generation Of(
        ReadModel model, long number, string schema, IReadOnlySet<string> others, long[] positions, long resumedAt) =>
        new(model, number, schema, new SchemaRewrite(model.Tables!.Schema, schema, others), positions, resumedAt);

    private static string SchemaName(ReadModel model, long number)
    {
#pragma warning disable CA1308 // A name in SQL, which people type without quotes.
        var name = $"{model.Tables!.Schema}_next_{model.Projection.Name.ToLowerInvariant()}_{number}";
#pragma warning restore CA1308
        return Encoding.UTF8.GetByteCount(name) <= SchemaNameLengthMax
            ? name
            : throw new NotRebuildableException($"{name} is too long for the name of a schema.");
    }

    /// <summary>What one program has begun, another that would build it otherwise must not finish.</summary>
    private static string Fingerprint(ReadModel model)
    {
        var type = model.Projection.GetType();
        var tables = model.Tables!;
        var text = string.Join(
            '\n', [$"{type.Module.ModuleVersionId} {type} {tables.Schema}", .. tables.Migrations.Select(m => $"{m.Id} {m.Checksum}")]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Word(GenerationPurpose purpose) => purpose is GenerationPurpose.Rebuild ? "rebuild" : "verify";

    private async Task<IReadOnlyList<string>> TextsAsync(string sql, string value, CancellationToken ct)
    {
        await using var command = database.Command(sql, new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var texts = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    private sealed record Left(long Number, string Schema, string Fingerprint, bool IsWhole, long[] Positions, long[] Skipped);
}
