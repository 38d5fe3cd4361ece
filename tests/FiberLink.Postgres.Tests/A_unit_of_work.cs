using FiberLink.Testing;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Postgres.Tests;

public sealed class A_unit_of_work
{
    private static readonly Migration Letters = new(
        "0001_letters", "create table letters (id uuid not null constraint letters_sent_once primary key, body text not null)");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_commit_nothing_was_written()
    {
        await using var db = await TestDatabase.CreateAsync([Letters]);

        await WriteAsync(db, commit: false, Letter(1));
        Assert.Equal(0L, await CountAsync(db));

        await WriteAsync(db, commit: true, Letter(1));
        Assert.Equal(1L, await CountAsync(db));
    }

    [Fact]
    public async Task Rows_of_many_commands_are_written_by_one_statement()
    {
        await using var db = await TestDatabase.CreateAsync([Letters]);

        Assert.Equal(3, await WriteAsync(db, commit: true, Letter(1), Letter(2), Letter(3)));
    }

    [Fact]
    public async Task A_clash_is_reported_by_the_name_of_its_constraint_and_undoes_the_rest()
    {
        await using var db = await TestDatabase.CreateAsync([Letters]);
        await WriteAsync(db, commit: true, Letter(1));

        var clash = await Assert.ThrowsAsync<PostgresException>(() => WriteAsync(db, commit: true, Letter(2), Letter(1)));

        Assert.True(PostgresFailures.IsViolationOf(clash, "letters_sent_once"));
        Assert.False(PostgresFailures.IsTransient(clash));
        Assert.Equal(SqlStates.UniqueViolation, clash.SqlState);
        Assert.Equal(1L, await CountAsync(db));
    }

    [Fact]
    public async Task A_killed_session_is_a_transient_failure()
    {
        await using var db = await TestDatabase.CreateAsync([Letters]);
        await using var work = await UnitOfWork.BeginAsync(db.DataSource, Ct);
        await using var suicide = work.Command("select pg_terminate_backend(pg_backend_pid())");

        Assert.True(PostgresFailures.IsTransient(await Assert.ThrowsAnyAsync<NpgsqlException>(() => suicide.ExecuteNonQueryAsync(Ct))));
    }

    private static Row Letter(byte number) => new(new Guid(number, 0, 0, new byte[8]), $"letter {number}");

    private static async Task<int> WriteAsync(TestDatabase db, bool commit, params CommitRow[] rows)
    {
        await using var work = await UnitOfWork.BeginAsync(db.DataSource, Ct);
        await using var batch = work.Batch();
        new RowWriter().Write(rows, batch);
        var written = await batch.ExecuteNonQueryAsync(Ct);
        if (commit)
        {
            await work.CommitAsync(Ct);
        }

        return written;
    }

    private static async Task<long> CountAsync(TestDatabase db)
    {
        await using var command = db.DataSource.Command("select count(*) from letters");
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    private sealed record Row(Guid Id, string Body) : CommitRow;

    private sealed class RowWriter : ICommitRowWriter
    {
        public Type RowType => typeof(Row);

        public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
        {
            var letters = rows.Cast<Row>().ToArray();
            batch.Add(
                "insert into letters (id, body) select * from unnest($1, $2)",
                new NpgsqlParameter { Value = Array.ConvertAll(letters, l => l.Id), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new NpgsqlParameter { Value = Array.ConvertAll(letters, l => l.Body) });
        }
    }
}
