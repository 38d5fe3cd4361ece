using FiberLink.Messaging.Tests.Scheduling;

namespace FiberLink.Messaging.Tests;

/// <summary>The values were reckoned by another program. An id that changed would send again what waits under the old one.</summary>
public sealed class The_id_of_a_message(MessagesUnderTest messages) : IClassFixture<MessagesUnderTest>
{
    private const string Hash = "0x5f3c8a0e1b2d4c6f7a8b9c0d1e2f30415263748596a7b8c9daebfc0d1e2f3041";

    [Theory]
    [InlineData("", "e3b0c442-98fc-8c14-9afb-f4c8996fb924")]
    [InlineData("a", "ca978112-ca1b-8dca-bac2-31b39a23dc4d")]
    [InlineData("schedule hourly 2026-01-01T13:00:00Z", "91bd79f8-8dd7-81e6-b055-7bf324b5db76")]
    [InlineData("issue-invoice.v1/01990000000070008000000000000001", "adee2bda-6262-8a2e-9f6e-eab01ff193b4")]
    [InlineData("invoice-observed.v1/" + Hash + "/Paid", "16305f98-63fc-84be-ae67-f779a28e01a1")]
    [InlineData("Grüße, 世界", "49837434-716a-86f6-9171-04cbba82bd5b")]
    public void Is_the_same_for_the_same_name_in_every_version(string name, string id) =>
        Assert.Equal(id, MessageId.Of(name).ToString());

    [Fact]
    public async Task Of_a_schedule_is_made_from_its_name_and_the_time()
    {
        await messages.ResetAsync();
        await messages.Schedules.DeclareAsync(SchedulesUnderTest.Of(), MessagesUnderTest.Noon, TestContext.Current.CancellationToken);
        await messages.Schedules.SendDueAsync(
            SchedulesUnderTest.Of(), MessagesUnderTest.Noon.AddHours(1), TestContext.Current.CancellationToken);

        Assert.Equal("91bd79f8-8dd7-81e6-b055-7bf324b5db76", await messages.TextAsync("select message_id from messaging.waiting"));
    }
}
