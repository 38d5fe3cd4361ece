using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Postgres;
using FiberLink.Service.Startup;
using FiberLink.Testing;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>Several nodes of a new version start on one database, and each brings the schema with it.</summary>
public sealed class Applying_the_schema
{
    private const int Nodes = 4;

    private const string Waiting =
        """
        select count(*) from pg_locks
         where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_several_processes_at_once_applies_each_migration_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        var settings = new Dictionary<string, string> { [Names.Database] = database.ConnectionString };

        // Held until all are there: so they do start at once.
        await using var gate = await database.DataSource.OpenConnectionAsync(Ct);
        var key = new NpgsqlParameter { Value = AdvisoryKey.Of("fiberlink.schema_migrations") };
        await using (var take = gate.Command("select pg_advisory_lock($1)", key))
        {
            await take.ExecuteNonQueryAsync(Ct);
        }

        var nodes = Enumerable.Range(0, Nodes).Select(_ => FiberLinkProgram.RunAsync(["db", "apply", "--json"], settings, Ct)).ToArray();
        await Eventually.HoldsAsync("all of them wait", async () => await NumberAsync(gate, Waiting) == Nodes, Ct);
        Assert.Equal(1, (await FiberLinkProgram.RunAsync(["db", "assert"], settings, Ct)).ExitCode);
        await using (var release = gate.Command("select pg_advisory_unlock($1)", new NpgsqlParameter { Value = key.Value }))
        {
            await release.ExecuteNonQueryAsync(Ct);
        }

        var finished = await Task.WhenAll(nodes);

        Assert.All(finished, f => Assert.True(f.ExitCode == 0, $"{f}"));
        Assert.Equal(
            Schema.Migrations.Select(m => m.Id).Order(StringComparer.Ordinal),
            finished.SelectMany(f => JsonNode.Parse(f.Output)!["applied"]!.AsArray()).Select(id => (string)id!));
        Assert.Equal(0, (await FiberLinkProgram.RunAsync(["db", "assert"], settings, Ct)).ExitCode);
    }

    [Fact]
    public async Task Is_refused_where_what_was_applied_is_not_what_is_known()
    {
        await using var database = await TestDatabase.CreateAsync(Schema.Migrations);
        var settings = new Dictionary<string, string> { [Names.Database] = database.ConnectionString };
        await using var connection = await database.DataSource.OpenConnectionAsync(Ct);
        await using var change = connection.Command("update fiberlink.schema_migrations set checksum = 'another' where id like '0001%'");
        await change.ExecuteNonQueryAsync(Ct);

        var applied = await FiberLinkProgram.RunAsync(["db", "apply"], settings, Ct);
        var asserted = await FiberLinkProgram.RunAsync(["db", "assert"], settings, Ct);

        Assert.True(applied.ExitCode == 1 && applied.Errors.Contains("0001", StringComparison.Ordinal), $"{applied}");
        Assert.True(asserted.ExitCode == 1 && asserted.Output.Contains("changed: 0001", StringComparison.Ordinal), $"{asserted}");
    }

    private static async Task<long> NumberAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.Command(sql);
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }
}
