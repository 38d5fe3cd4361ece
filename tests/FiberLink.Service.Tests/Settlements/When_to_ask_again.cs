using FiberLink.Projections;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Service.Settlements;

namespace FiberLink.Service.Tests.Settlements;

public sealed class When_to_ask_again
{
    private static readonly DateTimeOffset Issued = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WatchedInvoice Invoice =
        new("demo", Guid.Empty, "0x00", TipStage.AwaitingPayment, Issued, Issued.AddHours(1), null);

    [Theory]
    [InlineData("00:00:00", "00:00:00.750", false)]
    [InlineData("00:00:06", "00:00:00.750", false)]
    [InlineData("00:00:40", "00:00:05", false)]
    [InlineData("00:05:00", "00:00:37.500", false)]
    [InlineData("00:08:00", "00:01:00", true)]
    [InlineData("00:16:00", "00:02:00", true)]
    [InlineData("00:59:00", "00:02:00", true)]
    [InlineData("03:00:00", "00:02:00", true)]
    public void An_open_one_is_asked_about_after_an_eighth_of_its_age(string age, string pause, bool isSlow) =>
        Assert.Equal(
            new NextPoll(At(age) + Span(pause), isSlow), PollSchedule.Next(Invoice, TipStage.AwaitingPayment, isTold: false, At(age)));

    [Theory]
    [InlineData("00:00:00", "00:00:05", false)]
    [InlineData("00:00:40", "00:00:05", false)]
    [InlineData("00:04:00", "00:00:30", false)]
    [InlineData("00:59:00", "00:02:00", true)]
    public void A_fresh_one_can_wait_while_the_node_tells_of_payments(string age, string pause, bool isSlow) =>
        Assert.Equal(
            new NextPoll(At(age) + Span(pause), isSlow), PollSchedule.Next(Invoice, TipStage.AwaitingPayment, isTold: true, At(age)));

    [Theory]
    [InlineData(TipStage.Expired, "01:00:00", "00:00:05")]
    [InlineData(TipStage.Cancelled, "00:10:00", "00:00:05")]
    [InlineData(TipStage.Expired, "01:10:00", "00:01:00")]
    [InlineData(TipStage.Expired, "02:00:00", "00:06:00")]
    [InlineData(TipStage.Expired, "3.00:00:00", "01:00:00")]
    [InlineData(TipStage.Cancelled, "15.00:59:59", "01:00:00")]
    public void One_that_is_over_is_asked_about_more_and_more_rarely(TipStage stage, string age, string pause) =>
        Assert.Equal(new NextPoll(At(age) + Span(pause), IsSlow: true), PollSchedule.Next(Invoice, stage, isTold: true, At(age)));

    [Theory]
    [InlineData(TipStage.Expired)]
    [InlineData(TipStage.Cancelled)]
    [InlineData(TipStage.AwaitingPayment)]
    public void One_that_can_never_be_paid_is_not_asked_about_any_more(TipStage stage) =>
        Assert.Null(PollSchedule.Next(Invoice, stage, isTold: true, At("15.01:00:01")).At);

    [Fact]
    public void One_whose_payment_is_held_is_asked_about_for_ever() =>
        Assert.Equal(At("90.00:02:00"), PollSchedule.Next(Invoice, TipStage.Received, isTold: true, At("90.00:00:00")).At);

    private static DateTimeOffset At(string age) => Issued + Span(age);

    private static TimeSpan Span(string text) => TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
