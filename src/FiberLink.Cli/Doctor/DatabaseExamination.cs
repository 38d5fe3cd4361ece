using System.Globalization;
using FiberLink.EventStore.Projections;
using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Cli.Doctor;

/// <summary>Looks at the server, the schema, the read models and the messages. It only reads.</summary>
internal sealed class DatabaseExamination(NpgsqlDataSource database, TimeProvider time)
{
    private const int VersionMin = 150_000;
    private const long LagMax = 10_000;
    private const int GroupsMax = 1_000;

    private const string Server =
        """
        select current_setting('server_version_num')::integer, current_setting('server_version'), current_setting('fsync'),
               current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('archive_mode'),
               pg_is_in_recovery(), clock_timestamp(), (select count(*) from pg_stat_replication)
        """;

    private const int ReturnedKeysMax = 10;

    // Each key looks up the few events of its own member's stream (MemberStreams.OfMember).
    private const string ReturnedKeys =
        """
        select k.member || ' of ' || k.tenant_id
          from vault.member_keys as k
          join event_store.mt_events as e
            on e.tenant_id = k.tenant_id and e.stream_id = 'member-' || encode(sha256(convert_to(k.member, 'UTF8')), 'hex')
         where e.type = 'member.texts_erased.v1' and e.data ->> 'keyId' = k.key_id::text
         order by 1 limit $1
        """;

    private static readonly TimeSpan ClockDifferenceMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    /// <exception cref="NpgsqlException">The server does not answer.</exception>
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken ct)
    {
        var findings = new List<Finding>(await ServerAsync(ct));
        var difference = await Migrations.AssertAsync(database, Schema.Migrations, ct);
        findings.Add(difference.IsCurrent
            ? new("schema", Condition.Good, "as this program expects it")
            : new("schema", Condition.Bad, difference.ToString(), "run 'fiberlink db apply'"));
        if (difference.IsCurrent)
        {
            findings.AddRange(await ReadModelsAsync(ct));
            findings.AddRange(await MessagesAsync(ct));
            findings.Add(await ErasedKeysAsync(ct));
        }

        return findings;
    }

    private async Task<IReadOnlyList<Finding>> ServerAsync(CancellationToken ct)
    {
        await using var command = database.Command(Server);
        var asked = time.GetUtcNow();
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var answered = time.GetUtcNow();
        var (version, name, theirs) = (reader.GetInt32(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(7));
        var off = new[] { ("fsync", 2), ("full_page_writes", 3), ("synchronous_commit", 4) }
            .Where(s => reader.GetString(s.Item2) == "off").Select(s => s.Item1).ToArray();
        var (archives, isReplica, replicas) = (reader.GetString(5) != "off", reader.GetBoolean(6), reader.GetInt64(8));
        var difference = theirs < asked ? asked - theirs : theirs > answered ? theirs - answered : TimeSpan.Zero;
        return
        [
            version < VersionMin
                ? new("server", Condition.Bad, $"PostgreSQL {name}", "use version 15 or newer")
                : isReplica
                    ? new("server", Condition.Bad, $"PostgreSQL {name}, a replica that only reads",
                        "point FIBERLINK_DATABASE at the primary")
                    : new("server", Condition.Good, $"PostgreSQL {name}"),
            off.Length > 0
                ? new("durability", Condition.Bad, $"{string.Join(", ", off)} off: a crash loses what was answered",
                    "set them to 'on' in postgresql.conf, and restart the server")
                : new("durability", Condition.Good, "what is answered is on the disk"),
            archives || replicas > 0
                ? new("backups", Condition.Good, archives ? "the log of the server is archived" : $"{replicas} replicas follow")
                : new("backups", Condition.Attention, "no archive_mode and no replica: a lost disk loses the books",
                    "set up WAL archiving or a replica; a dump alone loses what came after it"),
            difference > ClockDifferenceMax
                ? new("clocks", Condition.Bad, $"this machine's and the server's are {difference.TotalSeconds:0.0} s apart",
                    "keep both by NTP: signed requests are refused and deadlines are missed")
                : new("clocks", Condition.Good, "this machine's and the server's agree"),
        ];
    }

    private async Task<Finding> ErasedKeysAsync(CancellationToken ct)
    {
        await using var command = database.Command(ReturnedKeys, new NpgsqlParameter { Value = ReturnedKeysMax });
        var members = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            members.Add(reader.GetString(0));
        }

        return members.Count == 0
            ? new("erased keys", Condition.Good, "none is in the vault again")
            : new("erased keys", Condition.Bad, $"the vault has keys again that were erased: {string.Join(", ", members)}",
                "erase them again: docs/runbooks/erase-a-member.md");
    }

    private async Task<IReadOnlyList<Finding>> ReadModelsAsync(CancellationToken ct)
    {
        var shards = await ProjectionStatus.ReadAllAsync(database, ReadModels.All, ct);
        Finding[] all =
        [
            .. shards.Where(s => s.State == "failing").Select(f => new Finding(
                "read model", Condition.Bad, $"{f.Name} cannot show the event at {f.FailedPosition}: {f.LastError}",
                "see docs/runbooks/alarms.md; 'fiberlink projections list' says more")),
            .. shards.Select(s => s.Pause).OfType<ProjectionPause>().Distinct().Select(p => new Finding(
                "read model", Condition.Attention, $"{p.Projection} is paused by {p.By}: {p.Reason}",
                $"'fiberlink projections resume {p.Projection}' lets it go on")),
            .. shards.Where(s => s.Lag > LagMax && s.State is not ("failing" or "paused")).Select(b => new Finding(
                "read model", Condition.Attention, $"{b.Name} is {b.Lag} events behind ({b.State})",
                "see whether a service runs ('fiberlink messages status'); else wait")),
        ];
        return all.Length > 0 ? all : [new("read models", Condition.Good, "none is failing, paused or far behind")];
    }

    private async Task<IReadOnlyList<Finding>> MessagesAsync(CancellationToken ct)
    {
        var nodes = await new MessageDesk(database).NodesAsync(ct);
        var groups = await new MessageQueue(database, time).BacklogAsync(GroupsMax, ct);
        var dead = groups.Where(g => g.State == "dead").Sum(g => g.Count);
        var late = groups.Where(g => g.State == "ready" && time.GetUtcNow() - g.OldestDueAt > WaitMax).ToArray();
        return
        [
            nodes.Count == 0
                ? new("service", Condition.Bad, "no node lives: nothing is settled and nothing is paid", "start it: 'fiberlink serve'")
                : new("service", Condition.Good, string.Create(CultureInfo.InvariantCulture, $"{nodes.Count} nodes live")),
            dead > 0
                ? new("messages", Condition.Bad, $"{dead} were given up", "see docs/runbooks/dead-letters.md")
                : late.Length > 0
                    ? new("messages", Condition.Attention, $"{late[0].Name} of {late[0].Tenant} waits since {late[0].OldestDueAt:O}",
                        "'fiberlink messages list' shows what keeps it")
                    : new("messages", Condition.Good, "none was given up, and none waits for long"),
        ];
    }
}
