using Npgsql;

namespace FiberLink.Messaging.Tests;

public sealed class What_a_message_may_be(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>, IAsyncLifetime
{
    private const int BytesOfQuotes = 2;

    // A character of three bytes: no index entry is larger.
    private const char Wide = '\u20AC';

    private static readonly OutgoingMessage Usual = MessagesUnderTest.Message();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, Func<string, object>> Bounded => new()
    {
        { "Name", 128, t => Usual with { Name = t } },
        { "Name", 128, t => new OutgoingMessage(Guid.Empty, t, "demo", "{}", MessagesUnderTest.Noon, null, null) },
        { "Name", 128, t => new MessageType<Note>(t, NoteJson.Default.Note) },
        { "Name", 128, t => new HandledMarker(Guid.Empty, t) },
        { "Tenant", 128, t => Usual with { Tenant = t } },
        { "Tenant", 128, t => new OutgoingMessage(Guid.Empty, "note.v1", t, "{}", MessagesUnderTest.Noon, null, null) },
        { "CorrelationId", 255, t => Usual with { CorrelationId = t } },
        { "CorrelationId", 255, t => new OutgoingMessage(Guid.Empty, "note.v1", "demo", "{}", MessagesUnderTest.Noon, t, null) },
        { "OrderingKey", 255, t => Usual with { OrderingKey = t } },
        { "Destination", 128, t => new HandlerOptions { Destination = t } },
        { "Actor", 128, t => new OperatorReason(t, "why") },
        { "Reason", 2_000, t => new OperatorReason("who", t) },
        { "owner", 128, t => new ScheduleList(t) },
        { "Name", 128, t => Hourly(t, "note.v1", "demo") },
        { "MessageName", 128, t => Hourly("hourly", t, "demo") },
        { "Tenant", 128, t => Hourly("hourly", "note.v1", t) },
    };

    public async ValueTask InitializeAsync() => await messages.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Bounded))]
    public void A_text_has_a_bound_and_is_refused_by_its_name_and_that_bound(string field, int most, Func<string, object> make)
    {
        make(new string(Wide, most));

        var refused = Assert.Throws<ArgumentException>(() => make(new string('x', most + 1)));
        Assert.StartsWith($"{field} has {most + 1} characters; {most} is the most.", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{field} is empty.", Assert.Throws<ArgumentException>(() => make("")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public void A_text_that_cannot_be_stored_is_refused(int unit) =>
        Assert.StartsWith(
            "OrderingKey has a character that cannot be stored.",
            Assert.Throws<ArgumentException>(() => Usual with { OrderingKey = $"a{(char)unit}b" }).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_body_has_a_bound_in_bytes()
    {
        var most = OutgoingMessage.BodyBytesMax;

        _ = Usual with { Body = Quoted(most - BytesOfQuotes) };

        var refused = Assert.Throws<ArgumentException>(() => Usual with { Body = Quoted(most - BytesOfQuotes + 1) });
        Assert.StartsWith($"Body has {most + 1} bytes; {most} is the most.", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Usual with { Body = $"\"{new string(Wide, most / 2)}\"" });
    }

    [Fact]
    public void A_trace_that_is_too_long_is_left_out_for_no_message_fails_for_it()
    {
        Assert.Null((Usual with { TraceParent = new string('x', 256) }).TraceParent);
        Assert.Equal(255, (Usual with { TraceParent = new string('x', 255) }).TraceParent!.Length);
    }

    [Fact]
    public async Task The_longest_there_may_be_comes_and_goes()
    {
        var longest = new OutgoingMessage(
            Guid.CreateVersion7(), new string(Wide, 128), new string(Wide, 128), $"[{string.Join(',', Enumerable.Repeat('1', 524_287))}]",
            MessagesUnderTest.Noon, new string(Wide, 255), new string('x', 255)) { OrderingKey = Scattered(255) };
        var node = await messages.Queue.JoinAsync("one", Ct);
        await messages.Queue.ReceiveAsync([longest, longest with { Id = Guid.CreateVersion7() }], Ct);

        var taken = Assert.Single(await messages.Queue.TakeAsync(node, new(The_queue.LongLease, 10, 1), Ct));
        var failure = new AttemptFailure(new string('T', 1_000), "half a pair \ud800 and \0", TimeSpan.Zero, "one", null);
        await messages.Queue.GiveUpAsync(taken, failure, stopsKey: true, Ct);
        Assert.True(await messages.Queue.ReplayAsync(longest.Id, new("operator:ann", new string(Wide, 2_000)), Ct));
        var again = Assert.Single(await messages.Queue.TakeAsync(node, new(The_queue.LongLease, 10, 1), Ct));

        Assert.Null(await messages.CommitAsync(again.Marker));
        Assert.Equal("255", await messages.TextAsync("select length(error_type) from messaging.attempts"));
    }

    [Theory]
    [InlineData("ck_waiting_name", "repeat('x', 129), 'demo', 'null', null, null")]
    [InlineData("ck_waiting_tenant", "'note.v1', repeat('x', 129), 'null', null, null")]
    [InlineData("ck_waiting_key", "'note.v1', 'demo', 'null', repeat('x', 256), null")]
    [InlineData("ck_waiting_correlation", "'note.v1', 'demo', 'null', null, repeat('x', 256)")]
    [InlineData("ck_waiting_body", "'note.v1', 'demo', to_jsonb(repeat('x', 9000000)), null, null")]
    public async Task The_columns_hold_to_it_whoever_writes(string constraint, string values)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => messages.ExecuteAsync(
            $"""
            insert into messaging.waiting (message_id, due_at, name, tenant_id, body, ordering_key, correlation_id)
            values (gen_random_uuid(), now(), {values})
            """));

        Assert.Equal(constraint, refused.ConstraintName);
    }

    private static Schedule Hourly(string name, string message, string tenant) =>
        new(name, Recurrence.Every(TimeSpan.FromHours(1)), CatchUp.Once, message, tenant, "{}");

    private static string Quoted(int letters) => $"\"{new string('x', letters)}\"";

    // Nothing that could be packed: an index entry of its full size.
    private static string Scattered(int length) =>
        new([.. Enumerable.Range(0, length).Select(i => (char)(0x4E00 + (i * 7_919 % 20_000)))]);
}
