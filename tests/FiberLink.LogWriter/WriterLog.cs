using System.Text.Json.Serialization;
using FiberLink.EventStore;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.LogWriter;

/// <summary>The one event of this log: units come to an account, or leave it.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Units">How many; below zero when they leave.</param>
/// <param name="Number">Which of its change's events it is, from 1.</param>
/// <param name="Of">How many events its change has.</param>
/// <param name="Rows">How many rows commit with its change.</param>
public sealed record Moved(string Account, long Units, int Number, int Of, int Rows);

/// <summary>A row that commits with a change; no two have the same key, and no key is long.</summary>
public sealed record KeyRow(string Key) : CommitRow;

/// <summary>The log that the writers write: its tables, its event, what is kept inline.</summary>
public static class WriterLog
{
    /// <summary>The name of the writers' sessions.</summary>
    public const string SessionName = "log-writer";

    /// <summary>A key that somebody has already.</summary>
    public const string TakenKey = "taken";

    private const string Tables =
        """
        create table writer_rows (
            key text not null constraint one_row_per_key unique, constraint key_is_short check (length(key) <= 40));
        insert into writer_rows values ('taken');
        create table writer_balances (
            account text   not null constraint pk_writer_balances primary key,
            units   bigint not null constraint balance_is_not_negative check (units >= 0),
            events  bigint not null);
        """;

    public static IReadOnlyList<Migration> Migrations { get; } = [.. EventStoreSchema.Migrations, new("9000_writer_log", Tables)];

    public static EventCatalogue Catalogue { get; } = new([("moved.v1", WriterJson.Default.Moved)]);

    public static PostgresEventStore Open(NpgsqlDataSource database, EventStoreOptions? options = null) =>
        new(database, Catalogue, [new BalancesProjection()], [new KeyRowWriter()], options);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Moved))]
internal sealed partial class WriterJson : JsonSerializerContext;

internal sealed class KeyRowWriter : ICommitRowWriter
{
    public Type RowType => typeof(KeyRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch) =>
        batch.Add(
            "insert into writer_rows (key) select * from unnest($1::text[])",
            new NpgsqlParameter { Value = rows.Select(r => ((KeyRow)r).Key).ToArray() });
}
