using FiberLink.Postgres;

namespace FiberLink.Messaging.Tests.Scheduling;

/// <summary>What happens between transactions that overlap, and to one that does not end.</summary>
public sealed class Schedules_that_are_fired_at_once(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private static readonly ScheduleList Hourly = SchedulesUnderTest.Of();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Later => MessagesUnderTest.Noon.AddHours(1);

    public async ValueTask InitializeAsync()
    {
        await messages.ResetAsync();
        await messages.Schedules.DeclareAsync(Hourly, MessagesUnderTest.Noon, Ct);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Two_nodes_send_one_message_though_the_other_comes_while_the_first_is_at_it()
    {
        await using var gate = await HoldTheMessageAsync();
        var first = messages.Schedules.SendDueAsync(Hourly, Later, Ct);
        await messages.WaitingSessionsAsync(1, Ct);

        Assert.Empty(await messages.Schedules.SendDueAsync(Hourly, Later, Ct));
        await gate.DisposeAsync();

        Assert.Equal([new("hourly", 1, 0)], await first);
        Assert.Empty(await messages.Schedules.SendDueAsync(Hourly, Later, Ct));
        Assert.Equal("1 0 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task A_node_that_dies_in_between_has_sent_nothing_and_another_sends_once()
    {
        await using (await HoldTheMessageAsync())
        {
            var dying = messages.Schedules.SendDueAsync(Hourly, Later, Ct);
            await messages.WaitingSessionsAsync(1, Ct);
            await messages.ExecuteAsync(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
            await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => dying);
        }

        Assert.Equal("0 0 0", await messages.CountsAsync());
        Assert.Equal([new("hourly", 1, 0)], await messages.Schedules.SendDueAsync(Hourly, Later, Ct));
        Assert.Equal("1 0 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task A_time_that_was_fired_for_already_sends_no_second_message_even_if_that_was_forgotten()
    {
        await messages.Schedules.SendDueAsync(Hourly, Later, Ct);
        await messages.ExecuteAsync("update messaging.schedules set next_due_at = last_due_at, last_due_at = null");

        await messages.Schedules.SendDueAsync(Hourly, Later, Ct);

        Assert.Equal("1 0 0", await messages.CountsAsync());
    }

    [Fact]
    public async Task Of_two_components_that_declare_a_name_at_once_the_second_is_refused()
    {
        await using var gate = await HoldAsync(
            """
            insert into messaging.schedules (name, owner, recurrence, catch_up, message_name, tenant_id, body, next_due_at)
            values ('z', '', '', '', '', '', 'null', now())
            """);
        var ours = SchedulesUnderTest.Of(name: "a")
            .Send("z", SchedulesUnderTest.Hourly, CatchUp.Once, SchedulesUnderTest.Ticks, "demo", new("z"));
        var first = messages.Schedules.DeclareAsync(ours, MessagesUnderTest.Noon, Ct);
        await messages.WaitingSessionsAsync(1, Ct);
        var second = messages.Schedules.DeclareAsync(SchedulesUnderTest.Of(name: "a", owner: "others"), MessagesUnderTest.Noon, Ct);
        await messages.WaitingSessionsAsync(2, Ct);
        await gate.DisposeAsync();

        await first;
        await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        Assert.Equal(["a tests", "hourly tests", "z tests"], (await messages.Schedules.ListAsync(Ct)).Select(s => $"{s.Name} {s.Owner}"));
    }

    [Fact]
    public async Task What_operators_decided_is_on_record_with_its_reason_and_once()
    {
        for (var i = 0; i < 2; i++)
        {
            await messages.Schedules.PauseAsync("hourly", SchedulesUnderTest.Reason, Ct);
        }

        await messages.Schedules.ResumeAsync("hourly", SchedulesUnderTest.Reason, Later, Ct);

        Assert.Equal(
            ["operator:ann pause hourly demo the node is being moved", "operator:ann resume hourly demo the node is being moved"],
            await messages.TextsAsync(
                "select concat_ws(' ', actor, action, name, tenant_id, reason) from messaging.operator_actions order by action_id"));
    }

    [Fact]
    public async Task A_pause_that_comes_while_it_is_fired_waits_and_holds_from_then_on()
    {
        await using var gate = await HoldTheMessageAsync();
        var firing = messages.Schedules.SendDueAsync(Hourly, Later, Ct);
        await messages.WaitingSessionsAsync(1, Ct);
        var pausing = messages.Schedules.PauseAsync("hourly", SchedulesUnderTest.Reason, Ct);
        await messages.WaitingSessionsAsync(2, Ct);
        await gate.DisposeAsync();

        Assert.Single(await firing);
        Assert.True(await pausing);
        Assert.Equal(Later.AddHours(1), (await messages.Schedules.ListAsync(Ct)).Single().NextDueAt);
        Assert.Empty(await messages.Schedules.SendDueAsync(Hourly, Later.AddHours(2), Ct));
    }

    /// <summary>Whoever wants to add the first message waits until this is given up.</summary>
    private Task<UnitOfWork> HoldTheMessageAsync() =>
        HoldAsync(
            $"""
            insert into messaging.waiting (message_id, name, tenant_id, body, due_at)
            values ('{Hourly.All[0].MessageFor(Later).Id}', '', '', 'null', now())
            """);

    private async Task<UnitOfWork> HoldAsync(string sql)
    {
        var held = await UnitOfWork.BeginAsync(messages.Database, Ct);
        await using var command = held.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
        return held;
    }
}
