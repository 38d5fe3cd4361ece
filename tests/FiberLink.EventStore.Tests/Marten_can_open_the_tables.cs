using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Marten's tables for string keys and conjoined tenancy: names and types as Marten makes and expects them.</summary>
public sealed class Marten_can_open_the_tables(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private static readonly string[] Columns =
    [
        "mt_event_progression.last_seq_id bigint null",
        "mt_event_progression.last_updated timestamp with time zone null",
        "mt_event_progression.name character varying not null",
        "mt_events.bdata bytea null",
        "mt_events.causation_id character varying null",
        "mt_events.correlation_id character varying null",
        "mt_events.data jsonb not null",
        "mt_events.entry_hash bytea null",
        "mt_events.headers jsonb null",
        "mt_events.id uuid not null",
        "mt_events.is_archived boolean null",
        "mt_events.mt_dotnet_type character varying null",
        "mt_events.seq_id bigint not null",
        "mt_events.stream_id character varying null",
        "mt_events.tenant_id character varying null",
        "mt_events.timestamp timestamp with time zone not null",
        "mt_events.type character varying(500) not null",
        "mt_events.user_name character varying null",
        "mt_events.version bigint not null",
        "mt_high_water_skips.ending_sequence bigint not null",
        "mt_high_water_skips.starting_sequence bigint not null",
        "mt_high_water_skips.timestamp timestamp with time zone null",
        "mt_streams.created timestamp with time zone not null",
        "mt_streams.id character varying not null",
        "mt_streams.is_archived boolean null",
        "mt_streams.tenant_id character varying not null",
        "mt_streams.timestamp timestamp with time zone not null",
        "mt_streams.type character varying null",
        "mt_streams.version bigint null",
    ];

    private static readonly string[] Constraints =
    [
        "mt_event_progression pk_mt_event_progression PRIMARY KEY (name)",
        "mt_events fkey_mt_events_stream_id_tenant_id FOREIGN KEY (tenant_id, stream_id) REFERENCES event_store.mt_streams(tenant_id, id)",
        "mt_events pkey_mt_events_seq_id PRIMARY KEY (seq_id)",
        "mt_high_water_skips pkey_mt_high_water_skips_ending_sequence PRIMARY KEY (ending_sequence)",
        "mt_streams pkey_mt_streams_tenant_id_id PRIMARY KEY (tenant_id, id)",
    ];

    private static readonly string[] Indexes =
    [
        "CREATE UNIQUE INDEX pk_mt_event_progression ON event_store.mt_event_progression USING btree (name)",
        "CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON event_store.mt_events USING btree (tenant_id, stream_id, version)",
        "CREATE UNIQUE INDEX pkey_mt_events_seq_id ON event_store.mt_events USING btree (seq_id)",
        "CREATE UNIQUE INDEX pkey_mt_high_water_skips_ending_sequence ON event_store.mt_high_water_skips USING btree (ending_sequence)",
        "CREATE UNIQUE INDEX pkey_mt_streams_tenant_id_id ON event_store.mt_streams USING btree (tenant_id, id)",
    ];

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Its_sequence_stays_at_the_head_when_a_change_is_undone_by_what_commits_with_it()
    {
        var store = log.Open(Sample.Catalogue);
        await store.AppendAsync(Sample.Notes("a"), Ct);

        await store.AppendAsync(Sample.Notes("b") with { Rows = [new SampleRow("far too long for it")] }, Ct);

        // A sequence is not rolled back, and Marten's daemon passes over what is missing below it.
        Assert.Equal("1", await Database.TextAsync("select last_value from event_store.mt_events_sequence"));
    }

    [Fact]
    public async Task Columns_have_Marten_s_names_and_types() =>
        Assert.Equal(
            Columns,
            await Database.TextsAsync(
                """
                select table_name || '.' || column_name || ' ' || data_type
                       || coalesce('(' || character_maximum_length || ')', '')
                       || case is_nullable when 'YES' then ' null' else ' not null' end
                  from information_schema.columns
                 where table_schema = 'event_store' and table_name like 'mt\_%'
                 order by (table_name || '.' || column_name) collate "C"
                """));

    [Fact]
    public async Task Keys_have_Marten_s_names_and_columns() =>
        Assert.Equal(
            Constraints,
            await Database.TextsAsync(
                """
                select c.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
                  from pg_constraint as k
                  join pg_class as c on c.oid = k.conrelid
                 where k.connamespace = 'event_store'::regnamespace and c.relname like 'mt\_%'
                 order by (c.relname || ' ' || k.conname) collate "C"
                """));

    [Fact]
    public async Task Indexes_have_Marten_s_names_and_columns() =>
        Assert.Equal(
            Indexes,
            await Database.TextsAsync(
                """
                select indexdef from pg_indexes
                 where schemaname = 'event_store' and tablename like 'mt\_%' order by indexname collate "C"
                """));

    [Fact]
    public async Task The_columns_that_a_foreign_writer_leaves_out_have_Marten_s_defaults() =>
        Assert.Equal(
            [
                "mt_event_progression.last_updated transaction_timestamp()",
                "mt_events.is_archived false",
                "mt_events.tenant_id '*DEFAULT*'::character varying",
                "mt_events.timestamp now()",
                "mt_high_water_skips.timestamp now()",
                "mt_streams.created now()",
                "mt_streams.is_archived false",
                "mt_streams.tenant_id '*DEFAULT*'::character varying",
                "mt_streams.timestamp now()",
            ],
            await Database.TextsAsync(
                """
                select table_name || '.' || column_name || ' ' || column_default
                  from information_schema.columns
                 where table_schema = 'event_store' and table_name like 'mt\_%' and column_default is not null
                 order by (table_name || '.' || column_name) collate "C"
                """));

    [Fact]
    public async Task The_sequence_belongs_to_the_events() =>
        Assert.Equal(
            "event_store.mt_events_sequence", await Database.TextAsync("select pg_get_serial_sequence('event_store.mt_events', 'seq_id')"));

    [Fact]
    public async Task Streams_and_events_are_written_by_Marten_s_rules()
    {
        var store = log.Open(Sample.Catalogue);
        var stream = new StreamId("demo", "note-1");
        var metadata = new EventMetadata("request", "message", "app:demo", "00-trace-01");
        await store.AppendAsync(Sample.Notes(stream, ExpectedVersion.NoStream, "a", "b") with { Metadata = metadata }, Ct);
        await store.AppendAsync(Sample.Notes(stream, ExpectedVersion.Exactly(2), "c") with { At = Sample.Noon.AddHours(1) }, Ct);
        await store.AppendAsync(Sample.Notes(new StreamId("other", "note-1"), ExpectedVersion.Any, "d"), Ct);

        Assert.Equal(
            ["demo/note-1 note 3 12:00 13:00 f", "other/note-1 note 1 12:00 12:00 f"],
            await Database.TextsAsync(
                """
                select concat_ws(' ', tenant_id || '/' || id, type, version, to_char(created at time zone 'utc', 'HH24:MI'),
                                 to_char(timestamp at time zone 'utc', 'HH24:MI'), is_archived::text::char)
                  from event_store.mt_streams order by tenant_id
                """));
        Assert.Equal(
            [
                """1 demo/note-1 1 noted.v1 12:00 request message app:demo {"traceparent": "00-trace-01"}""",
                """2 demo/note-1 2 noted.v1 12:00 request message app:demo {"traceparent": "00-trace-01"}""",
                "3 demo/note-1 3 noted.v1 13:00",
                "4 other/note-1 1 noted.v1 12:00",
            ],
            await Database.TextsAsync(
                """
                select concat_ws(' ', seq_id, tenant_id || '/' || stream_id, version, type,
                                 to_char(timestamp at time zone 'utc', 'HH24:MI'), correlation_id, causation_id, user_name, headers)
                  from event_store.mt_events order by seq_id
                """));
    }

    [Fact]
    public async Task A_trace_parent_with_any_characters_in_it_stays_one_header()
    {
        var store = log.Open(Sample.Catalogue);
        var odd = new EventMetadata(null, null, null, "\"},{\"x\":\"\\ ü");
        await store.AppendAsync(Sample.Notes("a") with { Metadata = odd }, Ct);

        Assert.Equal(odd, Assert.Single(await store.ReadLogAsync(0, 1, Ct)).Metadata);
    }
}
