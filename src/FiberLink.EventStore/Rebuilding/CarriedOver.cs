using FiberLink.Postgres;

namespace FiberLink.EventStore.Rebuilding;

/// <summary>What the new tables take over from the live ones: columns that do not come from events, the owner, who may do what.</summary>
internal static class CarriedOver
{
    private const int SecondsMax = 600;

    private const string Owners =
        """
        select format('alter table %I.%I owner to %I', $2, live.relname, pg_get_userbyid(live.relowner))
          from pg_class as live
          join pg_class as next on next.relname = live.relname and next.relnamespace = to_regnamespace(quote_ident($2))
         where live.relnamespace = to_regnamespace(quote_ident($1)) and live.relname = any ($3) and live.relowner <> next.relowner
        """;

    private const string Grants =
        """
        select format('grant %s on %I.%I to %s%s', may.privilege_type, $2, live.relname,
                      case when may.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(may.grantee)) end,
                      case when may.is_grantable then ' with grant option' else '' end)
          from pg_class as live
         cross join lateral aclexplode(live.relacl) as may
         where live.relnamespace = to_regnamespace(quote_ident($1)) and live.relname = any ($3) and may.grantee <> live.relowner
        """;

    /// <summary>Copies the values of <see cref="Projections.ReadModelTables.NotFromEvents"/> for the rows that both have.</summary>
    /// <exception cref="NotRebuildableException">A table with such a column has no primary key.</exception>
    public static async Task ColumnsAsync(UnitOfWork work, Generation generation, CancellationToken ct)
    {
        foreach (var table in generation.Tables.NotFromEvents.GroupBy(c => c.Table, StringComparer.Ordinal))
        {
            var key = (await TableShape.ReadAsync(work, generation.Live(table.Key), ct)).Key;
            if (key.Count == 0)
            {
                throw new NotRebuildableException($"{table.Key} has columns that do not come from events, and no primary key.");
            }

            var columns = table.Select(c => SqlName.Quote(c.Column)).ToArray();
            await using var command = work.Command(
                $"""
                update {generation.Next(table.Key)} as next
                   set {string.Join(", ", columns.Select(c => $"{c} = live.{c}"))}
                  from {generation.Live(table.Key)} as live
                 where {string.Join(" and ", key.Select(SqlName.Quote).Select(k => $"next.{k} = live.{k}"))}
                   and ({string.Join(" or ", columns.Select(c => $"next.{c} is distinct from live.{c}"))})
                """);
            command.CommandTimeout = SecondsMax;
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Gives the new tables the live ones' owner and privileges.</summary>
    public static async Task PrivilegesAsync(UnitOfWork work, Generation generation, CancellationToken ct)
    {
        foreach (var sql in new[] { Owners, Grants })
        {
            foreach (var statement in await StatementsAsync(work, sql, generation, ct))
            {
                await using var command = work.Command(statement);
                await command.ExecuteNonQueryAsync(ct);
            }
        }
    }

    private static async Task<IReadOnlyList<string>> StatementsAsync(
        UnitOfWork work, string sql, Generation generation, CancellationToken ct)
    {
        await using var command = work.Command(
            sql,
            new() { Value = generation.Tables.Schema },
            new() { Value = generation.Schema },
            new() { Value = generation.Tables.Names.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var statements = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            statements.Add(reader.GetString(0));
        }

        return statements;
    }
}
