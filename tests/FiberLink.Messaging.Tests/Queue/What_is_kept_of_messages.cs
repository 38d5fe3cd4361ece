namespace FiberLink.Messaging.Tests;

/// <summary>What operators find in the database.</summary>
public sealed class What_is_kept_of_messages(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private static readonly OperatorReason Reason = new("operator:ann", "the node is back");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task All_that_is_known_of_a_message_that_was_given_up_and_every_attempt()
    {
        var message = MessagesUnderTest.Message(5, key: "a");
        await messages.Queue.ReceiveAsync([message], Ct);
        await messages.Queue.PutOffAsync(
            await TakeAsync(), MessagesUnderTest.Noon, The_queue.Failure("no luck"), counts: true, Ct);
        await messages.Queue.PutOffAsync(
            await TakeAsync(), MessagesUnderTest.Noon, The_queue.Failure("not now"), counts: false, Ct);
        var node = await messages.Queue.JoinAsync("dead", Ct);
        await TakeAsync(node);
        await messages.SilenceAsync(node);
        await messages.Queue.ReleaseAsync(TimeSpan.FromMinutes(1), Ct);
        var why = new string('x', AttemptFailure.ErrorLengthMax + 1);
        await messages.Queue.GiveUpAsync(await TakeAsync(), The_queue.Failure(why), stopsKey: false, Ct);

        Assert.Equal(
            """note.v1 demo {"number": 5} 3 request-1 00-trace-01 a System.Exception 2000 trace-1""",
            await messages.TextAsync(
                $"""
                select concat_ws(' ', name, tenant_id, body, attempts, correlation_id, trace_parent, ordering_key, error_type,
                                 length(last_error), trace_id)
                  from messaging.dead_letters where message_id = '{message.Id}' and created_at <= failed_at
                """));
        Assert.Equal(
            ["1 failed System.Exception no luck 00:00:01 one trace-1", $"2 lost node {node.Id}", "3 given up System.Exception"],
            await messages.TextsAsync(
                """
                select case outcome when 'failed' then concat_ws(' ', attempt, outcome, error_type, error, took, node, trace_id)
                                    when 'lost' then concat_ws(' ', attempt, outcome, node)
                                    else concat_ws(' ', attempt, outcome, error_type) end
                  from messaging.attempts order by attempt_id
                """));
    }

    [Fact]
    public async Task What_operators_did_and_why_and_once()
    {
        var message = MessagesUnderTest.Message();
        await messages.Queue.ReceiveAsync([message], Ct);
        await messages.Queue.GiveUpAsync(await TakeAsync(), The_queue.Failure("hopeless"), stopsKey: false, Ct);

        Assert.True(await messages.Queue.ReplayAsync(message.Id, Reason, Ct));
        Assert.False(await messages.Queue.ReplayAsync(message.Id, Reason, Ct));
        await messages.Queue.GiveUpAsync(await TakeAsync(), The_queue.Failure("hopeless"), stopsKey: false, Ct);
        Assert.True(await messages.Queue.DiscardAsync(message.Id, Reason, Ct));

        Assert.Equal(
            ["operator:ann replay note.v1 demo the node is back", "operator:ann discard note.v1 demo the node is back"],
            await messages.TextsAsync(
                "select concat_ws(' ', actor, action, name, tenant_id, reason) from messaging.operator_actions order by action_id"));
    }

    [Fact]
    public async Task No_keys_without_messages()
    {
        await messages.Queue.ReceiveAsync([MessagesUnderTest.Message(1, key: "a"), MessagesUnderTest.Message(2, key: "b")], Ct);
        await messages.CommitAsync((await TakeAsync()).Marker);
        await messages.ExecuteAsync("update messaging.keys set touched_at = touched_at - interval '1 hour'");

        await messages.Queue.PruneAsync(TimeSpan.FromDays(1), 10, Ct);

        Assert.Equal(["b"], await messages.TextsAsync("select ordering_key from messaging.keys"));
    }

    [Fact]
    public async Task No_attempts_of_messages_that_were_finished_long_ago()
    {
        await messages.ExecuteAsync(
            """
            insert into messaging.attempts (message_id, attempt, outcome, ended_at)
            select gen_random_uuid(), 1, 'failed', now() - n * interval '1 day' from generate_series(0, 3) as n
            """);

        await messages.Queue.PruneAsync(TimeSpan.FromDays(1.5), 10, Ct);

        Assert.Equal("2", await messages.TextAsync("select count(*) from messaging.attempts"));
    }

    private async Task<WaitingMessage> TakeAsync(ServiceNode? node = null) =>
        (await messages.Queue.TakeAsync(node ?? await messages.Queue.JoinAsync("one", Ct), new(The_queue.LongLease, 1, long.MaxValue), Ct))
        .Single();
}
