using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>What somebody with all rights on the database can do to a log, and what is found of it.</summary>
public sealed class Verifying_the_log(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private const string Origin = "hub.example/log";
    private const int Events = 300;

    private readonly NoteSigner _signer = NoteSigner.Generate(Origin);

    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // 100 events are signed, 300 are sealed and signed, and 3 are only appended.
    public async ValueTask InitializeAsync()
    {
        await log.ResetAsync();
        await AppendAsync("note-1", 100);
        await SignAsync();
        await AppendAsync("note-2", Events - 100);
        await SignAsync();
        await AppendAsync("note-3", 3);
    }

    public ValueTask DisposeAsync()
    {
        _signer.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_log_that_nobody_changed_is_whole()
    {
        var verified = await VerifyAsync();

        Assert.Empty(verified.Findings);
        Assert.Equal(303, verified.Events);
        Assert.Equal(Events, verified.Tree.Size);
        Assert.Equal(2, verified.Checkpoints);
        Assert.Equal(Events, verified.Last?.Head.Size);
    }

    [Theory]
    [InlineData("data = jsonb_set(data, '{text}', '\"x\"')")]
    [InlineData("data = data || '{\"weight\": 1.0}'")]
    [InlineData("data = data - 'weight'")]
    [InlineData("type = 'noted.v2'")]
    [InlineData("id = gen_random_uuid()")]
    [InlineData("timestamp = timestamp + interval '1 microsecond'")]
    [InlineData("timestamp = 'infinity'")]
    [InlineData("correlation_id = 'x'")]
    [InlineData("causation_id = 'x'")]
    [InlineData("user_name = 'x'")]
    [InlineData("headers = '{}'")]
    [InlineData("mt_dotnet_type = null")]
    [InlineData("bdata = ''")]
    [InlineData("entry_hash = sha256('x')")]
    [InlineData("entry_hash = ''")]
    public async Task A_changed_column_is_found_and_its_position_said(string change)
    {
        await TamperAsync($"update event_store.mt_events set {change} where seq_id = 70");

        Assert.Equal(
            (SealFindingKind.EventChanged, 70L),
            Assert.Single((await VerifyAsync()).Findings.Select(f => (f.Kind, f.Position!.Value)).Distinct()));
    }

    [Fact]
    public async Task An_event_that_was_changed_together_with_its_hash_is_found_by_the_tree()
    {
        await ChangeWithHashAsync(70);

        var finding = Assert.Single((await VerifyAsync()).Findings);

        Assert.Equal((SealFindingKind.EventChanged, 70L), (finding.Kind, finding.Position));
    }

    [Fact]
    public async Task An_event_that_was_changed_together_with_the_whole_tree_is_found_by_what_was_signed()
    {
        await ChangeWithHashAsync(170);
        await TamperAsync("delete from event_store.log_tiles; delete from event_store.log_tree");
        await new LogSealer(Database).SealAsync(null, Ct);

        var findings = (await VerifyAsync()).Findings;

        Assert.Equal([SealFindingKind.HistoryChanged], findings.Select(f => f.Kind));
        Assert.Contains("Positions 101 to 300", findings[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_made_anew_with_its_checkpoints_is_found_by_whoever_saw_the_old_one_or_knows_the_key()
    {
        var seen = (await new CheckpointBook(Database, Origin, null, TimeProvider.System).ReadLastAsync(Ct))!.Head;
        await ChangeWithHashAsync(170);
        await TamperAsync(
            """
            delete from event_store.log_tiles; delete from event_store.log_tree;
            delete from event_store.log_checkpoints; delete from event_store.log_keys
            """);
        using var forger = NoteSigner.Generate(Origin);
        await SignAsync(forger);

        Assert.Empty((await VerifyAsync(trusted: null)).Findings);
        Assert.Contains((await VerifyAsync()).Findings, f => f.Kind == SealFindingKind.CheckpointWrong);
        var remembered = (await VerifyAsync(trusted: null, seen)).Findings;
        Assert.Equal([SealFindingKind.HistoryChanged], remembered.Select(f => f.Kind));
    }

    [Fact]
    public async Task A_removed_event_is_found_and_its_position_said()
    {
        await TamperAsync("delete from event_store.mt_events where seq_id = 70");

        var findings = (await VerifyAsync()).Findings;

        Assert.Equal((SealFindingKind.EventMissing, 70L), (findings[0].Kind, findings[0].Position));
        Assert.Equal(SealFindingKind.StreamBroken, findings[1].Kind);
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public async Task Two_events_that_changed_places_are_both_found()
    {
        await TamperAsync(
            """
            update event_store.mt_events set seq_id = -1 where seq_id = 70;
            update event_store.mt_events set seq_id = 70 where seq_id = 71;
            update event_store.mt_events set seq_id = 71 where seq_id = -1
            """);

        Assert.Equal([70L, 71L], (await VerifyAsync()).Findings.Select(f => f.Position!.Value));
    }

    [Fact]
    public async Task A_removed_event_with_all_later_ones_moved_up_is_found()
    {
        await TamperAsync(
            """
            delete from event_store.mt_events where seq_id = 303;
            update event_store.log_head set position = 302; update event_store.mt_streams set version = 2 where id = 'note-3'
            """);
        Assert.Empty((await VerifyAsync()).Findings);

        await TamperAsync("delete from event_store.mt_events where seq_id = 200");
        for (var position = 201; position <= 302; position++)
        {
            await Database.ExecuteAsync($"update event_store.mt_events set seq_id = {position - 1} where seq_id = {position}");
        }

        await TamperAsync("update event_store.log_head set position = 301");

        Assert.Contains((await VerifyAsync()).Findings, f => f is { Kind: SealFindingKind.EventChanged, Position: 200 });
    }

    [Fact]
    public async Task An_end_that_was_cut_off_is_found_by_the_tree_by_what_was_signed_and_by_whoever_saw_it()
    {
        var seen = (await new CheckpointBook(Database, Origin, null, TimeProvider.System).ReadLastAsync(Ct))!.Head;
        await TamperAsync(
            """
            delete from event_store.mt_events where seq_id > 100; delete from event_store.mt_streams where id <> 'note-1';
            update event_store.log_head set position = 100
            """);
        Assert.Equal([SealFindingKind.LogCutOff], (await VerifyAsync()).Findings.Select(f => f.Kind).Distinct());

        await TamperAsync("delete from event_store.log_tiles; delete from event_store.log_tree");
        await new LogSealer(Database).SealAsync(null, Ct);
        Assert.Equal([SealFindingKind.LogCutOff], (await VerifyAsync()).Findings.Select(f => f.Kind));

        await TamperAsync("delete from event_store.log_checkpoints where size > 100");
        Assert.Empty((await VerifyAsync()).Findings);
        Assert.Equal([SealFindingKind.LogCutOff], (await VerifyAsync(_signer.Key, seen)).Findings.Select(f => f.Kind));
    }

    [Fact]
    public async Task A_body_that_nothing_understands_is_found_where_events_are_looked_into()
    {
        await TamperAsync("update event_store.mt_events set data = '{\"other\": 1}', entry_hash = null where seq_id = 302");

        Assert.Contains(
            (await VerifyAsync(_signer.Key, inspection: new Looking())).Findings,
            f => f is { Kind: SealFindingKind.EventUnreadable, Position: 302 });
    }

    [Theory]
    [InlineData("update event_store.log_tiles set hashes = set_byte(hashes, 99, get_byte(hashes, 99) # 1) where level + index = 0", true)]
    [InlineData("update event_store.log_tiles set hashes = set_byte(hashes, 10, get_byte(hashes, 10) # 1) where level = 1")]
    [InlineData("update event_store.log_tiles set hashes = hashes || sha256('x') where level = 1")]
    [InlineData("update event_store.log_tiles set hashes = hashes || sha256('x') where level = 0 and index = 1")]
    [InlineData("delete from event_store.log_tiles where level = 1")]
    [InlineData("delete from event_store.log_tiles where level = 0 and index = 0")]
    [InlineData("insert into event_store.log_tiles values (2, 0, sha256('x'))")]
    [InlineData("update event_store.log_tree set root = sha256('x')")]
    [InlineData("update event_store.log_tree set size = 299")]
    [InlineData("update event_store.log_head set position = 400")]
    [InlineData("update event_store.mt_streams set version = 5 where id = 'note-3'")]
    [InlineData("update event_store.log_checkpoints set root = sha256('x') where size = 100")]
    [InlineData("update event_store.log_checkpoints set note = replace(note, 'A', 'B') where size = 100")]
    [InlineData("update event_store.log_keys set key = 'x'")]
    public async Task Whatever_else_is_changed_beside_the_events_is_found(string tampering, bool isAnEvent = false)
    {
        await TamperAsync(tampering);

        var findings = (await VerifyAsync()).Findings;

        Assert.NotEmpty(findings);
        Assert.Equal(isAnEvent, findings.Any(f => f.Kind == SealFindingKind.EventChanged));
    }

    [Fact]
    public async Task Any_single_byte_of_any_event_that_is_changed_is_found()
    {
        // Each event in another place: body, texts, id, time, hash.
        string[] columns = ["data::text", "stream_id", "type", "id::text", "timestamp::text", "encode(entry_hash, 'hex')"];
        for (var n = 0; n < 60; n++)
        {
            var (column, position) = (columns[n % columns.Length], 1 + (n * 5));
            var name = column.Split(':', '(')[0] is "encode" ? "entry_hash" : column.Split(':')[0];
            var text = await Database.TextAsync($"select {column} from event_store.mt_events where seq_id = {position}");
            if (!await TryChangeAsync(name, text, n * 7 % text.Length, position))
            {
                continue; // Not a value of the column any more: the database itself doesn't take it.
            }

            Assert.Contains((await VerifyAsync()).Findings, f => f.Position == position);
            Assert.True(await TryWriteAsync(name, text, position));
        }

        Assert.Empty((await VerifyAsync()).Findings);
    }

    private async Task<bool> TryChangeAsync(string column, string text, int at, int position)
    {
        var other = text[at] == '1' ? '2' : '1';
        return await TryWriteAsync(column, text[..at] + other + text[(at + 1)..], position);
    }

    private async Task<bool> TryWriteAsync(string column, string text, int position)
    {
        try
        {
            var value = column == "entry_hash" ? $"decode('{text}', 'hex')" : $"'{text}'";
            await TamperAsync($"update event_store.mt_events set {column} = {value} where seq_id = {position}");
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private Task<VerifiedLog> VerifyAsync() => VerifyAsync(_signer.Key);

    private Task<VerifiedLog> VerifyAsync(NoteKey? trusted, TreeHead? seen = null, ILogInspection? inspection = null) =>
        new LogVerification(Database, Sample.Catalogue).RunAsync(new(Origin, trusted, seen, inspection), null, Ct);

    private async Task AppendAsync(string stream, int count) =>
        await Store.AppendAsync(
            Sample.Notes(new("demo", stream), ExpectedVersion.NoStream, [.. Enumerable.Range(0, count).Select(n => $"text {n}")]), Ct);

    private Task SignAsync() => SignAsync(_signer);

    private async Task SignAsync(NoteSigner signer)
    {
        await new LogSealer(Database).SealAsync(null, Ct);
        Assert.True(await new SealKeys(Database, Origin, TimeProvider.System).IsCurrentAsync(signer.Key, Ct));
        Assert.NotNull(await new CheckpointBook(Database, Origin, null, TimeProvider.System).SignAsync(signer, null, Ct));
    }

    /// <summary>What a careful forger writes: the hash goes with the event.</summary>
    private async Task ChangeWithHashAsync(int position)
    {
        await TamperAsync(
            $"update event_store.mt_events set data = data || '{{\"text\": \"forged\"}}', entry_hash = null where seq_id = {position}");
        var forged = (await new SealedEvents(Database).ReadAsync(position, Ct))!.Entry;
        var hash = Convert.ToHexStringLower(forged.ToBytes());
        await TamperAsync($"update event_store.mt_events set entry_hash = decode('{hash}', 'hex') where seq_id = {position}");
    }

    // As somebody does it who may do everything: no foreign key, no trigger.
    private Task TamperAsync(string sql) =>
        Database.ExecuteAsync($"set session_replication_role = replica; {sql}; reset session_replication_role");

    private sealed class Looking : ILogInspection
    {
        public Task BeginAsync(Postgres.UnitOfWork work, CancellationToken ct) => Task.CompletedTask;
        public SealFinding? See(RecordedEvent seen) => null;

        public Task<IReadOnlyList<SealFinding>> EndAsync(Postgres.UnitOfWork work, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<SealFinding>>([]);
    }
}
