using System.Globalization;
using FiberLink.Events.Money;
using FiberLink.EventStore.Projections;
using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections;
using Npgsql;

namespace FiberLink.Cli.Doctor;

/// <summary>The log's end.</summary>
internal sealed record LogEnd(long Position, DateTimeOffset? LastAt);

/// <summary>The newest signed checkpoint.</summary>
internal sealed record LastCheckpoint(long Size, DateTimeOffset SignedAt);

/// <summary>Tips that were requested since midnight, UTC.</summary>
internal sealed record TipsOfToday(long Requested, long Settled, long Open);

/// <summary>Withdrawals that are not over, in one stage.</summary>
internal sealed record WithdrawalsInStage(string Stage, long Count, long NeedApproval, DateTimeOffset Oldest);

/// <summary>What came in or is not gone, and nobody knows whose it is: a person has to decide.</summary>
internal sealed record InSuspense(string Tenant, Asset Asset, Int128 Units);

/// <summary>What an operator sees first, as it is in this moment. It only reads, and asks nobody but the database.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Nodes">The service nodes that live.</param>
/// <param name="Log">The log's end.</param>
/// <param name="Checkpoint">The newest one; null when none was signed.</param>
/// <param name="Shards">What follows the log, and how far it is.</param>
/// <param name="Messages">Those that wait or were given up, in groups.</param>
/// <param name="Tips">Today's.</param>
/// <param name="Withdrawals">Those that are not over, by stage.</param>
/// <param name="Suspense">What is in suspense, by community and asset.</param>
internal sealed record Overview(
    DateTimeOffset At,
    IReadOnlyList<NodeRecord> Nodes,
    LogEnd Log,
    LastCheckpoint? Checkpoint,
    IReadOnlyList<ProjectionStatus> Shards,
    IReadOnlyList<Backlog> Messages,
    TipsOfToday Tips,
    IReadOnlyList<WithdrawalsInStage> Withdrawals,
    IReadOnlyList<InSuspense> Suspense)
{
    private const int GroupsMax = 1_000;

    private const string LogSql =
        "select h.position, (select timestamp from event_store.mt_events where seq_id = h.position) from event_store.log_head as h";

    private const string CheckpointSql = "select size, signed_at from event_store.log_checkpoints order by size desc limit 1";

    // Through the communities, whose tips an index has by time.
    private const string TipsSql =
        """
        select count(*), count(*) filter (where t.settled_at is not null),
               count(*) filter (where coalesce(t.stage, 'Requested') in ('Requested', 'AwaitingPayment', 'Received'))
          from read_models.communities as c
          join read_models.tip_activity as t on t.tenant_id = c.app_id
         where t.requested_at >= $1
        """;

    // What people have to decide about is decided when nothing of their community is in suspense any longer.
    private const string WithdrawalsSql =
        """
        select stage, count(*), count(*) filter (where needs_approval and stage = 'Queued'), min(requested_at)
          from read_models.withdrawals as w
         where stage in ('Queued', 'Prepared', 'Sent', 'InBlock')
            or (stage in ('Lost', 'PaidAfterFailure')
                and exists (select from read_models.account_balances as b
                             where b.tenant_id = w.tenant_id and b.account = 'Suspense' and b.units <> 0))
         group by stage
         order by array_position(array['Queued', 'Prepared', 'Sent', 'InBlock', 'Lost', 'PaidAfterFailure'], stage)
        """;

    // By the index of what is no member's.
    private const string SuspenseSql =
        """
        select tenant_id, asset, units::text
          from read_models.account_balances
         where account = 'Suspense' and account not in ('MemberAvailable', 'MemberHeld') and units <> 0
         order by tenant_id, asset
        """;

    /// <exception cref="NpgsqlException">The server does not answer.</exception>
    public static async Task<Overview> ReadAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var nodes = await new MessageDesk(database).NodesAsync(ct);
        var shards = await ProjectionStatus.ReadAllAsync(database, ReadModels.All, ct);
        var messages = await new MessageQueue(database, time).BacklogAsync(GroupsMax, ct);
        await using var batch = database.CreateBatch();
        batch.Add(LogSql);
        batch.Add(CheckpointSql);
        batch.Add(TipsSql, new NpgsqlParameter { Value = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) });
        batch.Add(WithdrawalsSql);
        batch.Add(SuspenseSql);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var log = new LogEnd(reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
        await reader.NextResultAsync(ct);
        var checkpoint = await reader.ReadAsync(ct)
            ? new LastCheckpoint(reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1))
            : null;
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        var tips = new TipsOfToday(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        await reader.NextResultAsync(ct);
        var withdrawals = new List<WithdrawalsInStage>();
        while (await reader.ReadAsync(ct))
        {
            withdrawals.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        await reader.NextResultAsync(ct);
        var suspense = new List<InSuspense>();
        while (await reader.ReadAsync(ct))
        {
            suspense.Add(new(
                reader.GetString(0), new(reader.GetString(1)), Int128.Parse(reader.GetString(2), CultureInfo.InvariantCulture)));
        }

        return new(now, nodes, log, checkpoint, shards, messages, tips, withdrawals, suspense);
    }

    /// <summary>How long ago, as people say it.</summary>
    public string Ago(DateTimeOffset then)
    {
        var age = At > then ? At - then : TimeSpan.Zero;
        var (count, unit) = age switch
        {
            { TotalMinutes: < 2 } => (age.TotalSeconds, "s"),
            { TotalHours: < 2 } => (age.TotalMinutes, "min"),
            { TotalDays: < 2 } => (age.TotalHours, "h"),
            _ => (age.TotalDays, "days"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count:0} {unit} ago");
    }
}
