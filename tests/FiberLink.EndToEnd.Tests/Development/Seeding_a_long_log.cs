using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Postgres;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>bench seed</c>, as processes, on the server of a <c>dev</c> that runs.</summary>
public sealed class Seeding_a_long_log
{
    private const string Digest =
        """
        select count(*) || ' ' || md5(string_agg(
                   concat_ws(' ', seq_id, id, stream_id, version, type, data::text, timestamp at time zone 'UTC'), ',' order by seq_id))
          from event_store.mt_events
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Makes_the_same_log_of_the_same_seed_and_one_that_holds_up_to_every_check()
    {
        await using var folder = new DevFolder();
        await using var dev = await folder.StartDevAsync(Ct);
        var server = (string)(await folder.DevFileAsync(Ct))["connectionString"]!;
        string[] seed = ["bench", "seed", "--events", "3000", "--members", "40", "--into"];

        await folder.EndsAsync(2, "--into: lower-case letters", [.. seed, "x; drop"]);
        var made = await folder.JsonAsync(Ct, [.. seed, "one"]);
        Assert.InRange((long)made["events"]!, 3_000, 3_010);
        await folder.EndsAsync(1, "there is a database one already", [.. seed, "one"]);
        await folder.EndsAsync(0, "two has", [.. seed, "two"]);
        await folder.EndsAsync(0, "three has", [.. seed, "three", "--seed", "2"]);

        var digests = new List<string>();
        foreach (var name in new[] { "one", "two", "three" })
        {
            await using var database = NpgsqlDataSource.Create(At(server, name));
            await using var command = database.Command(Digest);
            digests.Add((string)(await command.ExecuteScalarAsync(Ct))!);
        }

        Assert.Equal(digests[0], digests[1]);
        Assert.NotEqual(digests[0], digests[2]);
        foreach (var check in new string[][] { ["projections", "rebuild", "--all"], ["audit", "verify"] })
        {
            var finished = await FiberLinkProgram.RunAsync(
                [.. check, "--home", folder.Path], new Dictionary<string, string> { [Names.Database] = At(server, "one") }, Ct);
            Assert.True(finished.ExitCode == 0, $"{string.Join(' ', check)}: {finished}");
        }
    }

    private static string At(string server, string name) => new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
}
