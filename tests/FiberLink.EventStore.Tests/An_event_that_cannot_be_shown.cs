using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>A projection stands before what it cannot show, says so, and goes on when the cause is gone. Others do not notice.</summary>
public sealed class An_event_that_cannot_be_shown(ShownNotes notes) : IClassFixture<ShownNotes>, IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly NotesProjection _first = new("first");
    private readonly NotesProjection _second = new("second") { Stumbles = false };

    private NpgsqlDataSource Database => notes.Database;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await notes.ResetAsync();

    public async ValueTask DisposeAsync() =>
        await Database.ExecuteAsync(
            """
            alter table first_notes drop constraint if exists first_shows_no_poison;
            truncate first_notes;
            alter table first_notes add constraint first_shows_no_poison check (text <> 'poison')
            """);

    [Fact]
    public async Task Because_a_rule_of_the_table_forbids_it_is_where_the_projection_stands_until_the_rule_is_gone()
    {
        await Database.ExecuteAsync("alter table second_notes drop constraint if exists second_shows_no_poison");
        await using var daemon = new RunningDaemon(Database, "one", _time, _first, _second);
        await AppendAsync("a", "b", "poison", "c");

        await StandsBeforeAsync(3, "first_shows_no_poison");
        await Database.ExecuteAsync("alter table first_notes drop constraint first_shows_no_poison");

        await GoesOnAsync();
    }

    [Fact]
    public async Task Because_the_projection_stumbles_over_it_is_where_the_projection_stands_until_it_is_mended()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _first, _second);
        await AppendAsync("a", "b", NotesProjection.Stumble, "c");

        await StandsBeforeAsync(3, "The projection stumbled.");
        _first.Stumbles = false;

        await GoesOnAsync();
    }

    [Fact]
    public async Task Because_this_program_cannot_read_it_stops_all_projections_before_it()
    {
        await AppendAsync("a", "b", "c", "d");
        await Database.ExecuteAsync("update event_store.mt_events set type = 'unheard.v1' where seq_id = 3");
        await using var daemon = new RunningDaemon(Database, "one", _time, _first, _second);

        await StandsBeforeAsync(3, "unheard.v1", isSecondDone: false);
        await Database.ExecuteAsync("update event_store.mt_events set type = 'noted.v1' where seq_id = 3");

        await GoesOnAsync();
    }

    [Fact]
    public async Task Is_never_skipped_however_often_it_is_tried()
    {
        await using var daemon = new RunningDaemon(Database, "one", _time, _first);
        await AppendAsync("poison", "after");
        await StandsBeforeAsync(1, "first_shows_no_poison", isSecondDone: false);

        var tried = await Database.TextAsync(LastTried);
        for (var i = 0; i < 5; i++)
        {
            var before = tried;
            await Eventually.HoldsAsync(
                "it is tried again",
                async () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(30));
                    return (tried = await Database.TextAsync(LastTried)) != before;
                },
                Ct);
            Assert.Equal("failing 1", await StateAsync("concat_ws(' ', state, failed_position)"));
            Assert.Equal("0", await Database.TextAsync("select count(*) from first_notes"));
        }
    }

    [Fact]
    public async Task Is_told_of_in_the_status_with_how_far_the_read_model_is_behind()
    {
        await AppendAsync("a", "b", "poison", "c");
        var models = new[]
        {
            new ReadModel(_first, ProjectionLifecycle.Async, "test"),
            new ReadModel(_second, ProjectionLifecycle.Inline, "test"),
        };
        var idle = await ProjectionStatus.ReadAsync(Database, models, Ct);
        Assert.Equal(("idle", 0, 4, 4), (idle[0].State, idle[0].Position, idle[0].Head, idle[0].Lag));
        Assert.Equal(("running", 4, 0), (idle[1].State, idle[1].Position, idle[1].Lag));

        await using var daemon = new RunningDaemon(Database, "one", _time, _first);
        await StandsBeforeAsync(3, "first_shows_no_poison", isSecondDone: false);

        var status = (await ProjectionStatus.ReadAsync(Database, models, Ct))[0];
        Assert.Equal(
            new ProjectionStatus(
                "first", ProjectionKind.Async, "All", 2, 4, status.LagTime, "failing", "one", status.LastError, 3),
            status);
        Assert.Equal(2, status.Lag);
    }

    private const string LastTried = "select updated_at::text from event_store.projection_state where name = 'first'";

    private async Task StandsBeforeAsync(long position, string reason, bool isSecondDone = true)
    {
        await Eventually.HoldsAsync(
            "it says so",
            async () => await Database.TextsAsync("select state from event_store.projection_state where name = 'first'") is ["failing"],
            Ct);
        Assert.Equal($"{position}", await StateAsync("failed_position"));
        Assert.Contains(reason, await StateAsync("last_error"), StringComparison.Ordinal);
        Assert.Equal(
            $"{position - 1}",
            await Database.TextAsync("select last_seq_id from event_store.mt_event_progression where name = 'first:All'"));
        Assert.Equal($"{position - 1}", await Database.TextAsync("select count(*) from first_notes"));
        if (isSecondDone)
        {
            await Eventually.HoldsAsync(
                "the other goes on", async () => await Database.TextAsync("select count(*) from second_notes") == "4", Ct);
        }
    }

    private async Task GoesOnAsync()
    {
        await Eventually.HoldsAsync(
            "it goes on",
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return await Database.TextAsync("select count(*) from first_notes") == "4"
                    && await StateAsync("concat_ws(' ', state, last_error, failed_position)") == "running";
            },
            Ct);
        Assert.Equal("4 4", await Database.TextAsync("select concat_ws(' ', count(distinct position), max(position)) from first_notes"));
        Assert.Equal("4", await Database.TextAsync("select sum(count) from first_counts"));
    }

    private Task<string> StateAsync(string columns) =>
        Database.TextAsync($"select {columns} from event_store.projection_state where name = 'first'");

    private Task<AppendResult> AppendAsync(params string[] texts) =>
        new PostgresEventStore(Database, Sample.Catalogue, [], []).AppendAsync(Sample.Notes(texts), Ct);
}
