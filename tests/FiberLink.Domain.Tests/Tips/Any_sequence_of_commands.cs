using FiberLink.Domain.Tips;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FsCheck;
using FsCheck.Fluent;
using static FiberLink.Domain.Tests.Tips.TipExamples;

namespace FiberLink.Domain.Tests.Tips;

/// <summary>What holds for a tip whatever is asked of it, in whatever order, however often.</summary>
public sealed class Any_sequence_of_commands
{
    private static readonly string[] Matching = [Ask.Issue, Ask.Receive, Ask.Pay, Ask.Expire, Ask.Cancel, Ask.GiveUp];

    /// <summary>Invoices in every way in which they can differ, as every report there is.</summary>
    private static readonly Step[] Steps =
    [
        .. Commands.Select(c => new Step(c.Key, c.Value)),
        .. from differing in (NodeInvoice[])
           [
               AsOrdered with { PaymentHash = "0x00" },
               AsOrdered with { Asset = Usdi },
               AsOrdered with { Asset = null },
               AsOrdered with { Units = null },
               AsOrdered with { Units = 0 },
               AsOrdered with { Units = UInt128.MaxValue },
           ]
           from report in (TipCommand[])
           [
               new TipCommand.IssueInvoice(differing, Now),
               new TipCommand.ReportReceived(differing, Now),
               new TipCommand.ReportPaid(differing, Now),
               new TipCommand.ReportExpired(differing, Now),
               new TipCommand.ReportCancelled(differing, Now),
           ]
           select new Step($"{report.GetType().Name} {differing}", report),
    ];

    private static Arbitrary<Step[]> Sequences { get; } = Shrinking(
        from first in Gen.Frequency((9, Gen.Constant(Ask.Request)), (1, Gen.Elements(Ask.Issue, Ask.Pay, Ask.GiveUp)))
        from rest in Gen.Frequency((1, Gen.Elements(Steps)), (1, Gen.Elements(Matching).Select(Named))).ListOf()
        select (Step[])[Named(first), .. rest]);

    [Fact]
    public void Credits_the_recipient_exactly_the_amount_of_the_invoice_once_and_once_more_when_two_have_paid() =>
        Property.Holds(Sequences, steps =>
        {
            var events = Run(steps);
            var to = events.OfType<TipEvent.Requested>().SingleOrDefault()?.To;
            var settled = events.OfType<TipEvent.Settled>().ToArray();
            var twice = events.OfType<TipEvent.PaidTwice>().ToArray();
            var credits = settled.Length + twice.Count(t => t.Difference is null);

            Assert.InRange(settled.Length, 0, 1);
            Assert.InRange(twice.Length, 0, settled.Count(s => s.WasPaidWithin()));
            Assert.All(settled, s => Assert.Equal((to, OneAndAHalfCkb), (s.To, s.Amount)));
            foreach (var member in (string[])["alice", "bob", "carol"])
            {
                Assert.Equal(member == to ? credits * (Int128)OneAndAHalfCkb.Units : 0, CreditOf(member, events));
            }
        });

    /// <summary>The whole of the money rule, told a second time: the first report of payment decides, and nothing else does.</summary>
    [Fact]
    public void Ends_as_the_first_report_of_payment_says() =>
        Property.Holds(Sequences, steps =>
        {
            var requested = Array.FindIndex(steps, s => s.Command is TipCommand.Request r && r.Amount.Units != 0);
            var paid = requested < 0 ? null : steps.Skip(requested).Select(s => s.Command).OfType<TipCommand.ReportPaid>().FirstOrDefault();
            var to = requested < 0 ? "" : ((TipCommand.Request)steps[requested].Command).To;
            var events = Run(steps);

            // Whoever pays within the hub is first wherever that is granted, and a report of payment after it is another payment.
            var within = Enumerable.Range(0, steps.Length + 1).FirstOrDefault(n => IsPaidWithin(Run(steps[..n])));
            if (within > 0)
            {
                var second = steps[within..].Select(s => s.Command).OfType<TipCommand.ReportPaid>().FirstOrDefault();
                var told = events.OfType<TipEvent.PaidTwice>().SingleOrDefault();
                Assert.Equal((second is not null, second?.Invoice == AsOrdered), (told is not null, told is { Difference: null }));
                paid = null;
            }

            Assert.Equal(within > 0 || paid?.Invoice == AsOrdered, events.Any(e => e is TipEvent.Settled));
            Assert.Equal(paid is not null && paid.Invoice != AsOrdered, events.Any(e => e is TipEvent.Suspended));
            Assert.All(events.OfType<TipEvent.Settled>(), s => Assert.Equal(to, s.To));
        });

    [Fact]
    public void Keeps_the_sum_of_all_postings_at_zero() =>
        Property.Holds(Sequences, steps => Assert.All(
            Run(steps).OfType<IMovesMoney>().SelectMany(e => e.Entry?.Postings ?? []).GroupBy(p => p.Asset),
            asset => Assert.Equal(Int128.Zero, asset.Aggregate(Int128.Zero, (sum, p) => checked(sum + p.Units)))));

    [Fact]
    public void Never_leads_to_both_settled_and_suspended() =>
        Property.Holds(Sequences, steps => Assert.InRange(Run(steps).Count(e => e is TipEvent.Settled or TipEvent.Suspended), 0, 1));

    [Fact]
    public void Leaves_nothing_to_happen_after_the_money_has_its_place() =>
        Property.Holds(Sequences, steps =>
            Assert.DoesNotContain(
                Run(steps).Where(e => e is not TipEvent.PaidTwice).SkipLast(1), e => e is TipEvent.Settled or TipEvent.Suspended));

    [Fact]
    public void Settles_late_exactly_when_the_tip_had_expired_or_been_cancelled_before() =>
        Property.Holds(Sequences, steps =>
        {
            var events = Run(steps);
            Assert.All(
                events.OfType<TipEvent.Settled>(),
                s => Assert.Equal(events.Any(e => e is TipEvent.Expired or TipEvent.Cancelled), s.Late));
        });

    [Fact]
    public void Is_silent_when_each_command_comes_twice() =>
        Property.Holds(Sequences, steps => Assert.Equal(Run(steps), Run([.. steps.SelectMany(s => (Step[])[s, s])])));

    [Fact]
    public void Issues_an_invoice_once_at_most_and_before_anything_else_is_said_of_it() =>
        Property.Holds(Sequences, steps =>
        {
            var events = Run(steps);
            var issued = events.Count(e => e is TipEvent.InvoiceIssued);
            var before = events.TakeWhile(e => e is not TipEvent.InvoiceIssued);

            Assert.InRange(issued, 0, 1);
            Assert.All(before, e => Assert.True(e is TipEvent.Requested or TipEvent.Cancelled or TipEvent.Suspended, $"{e}"));
        });

    /// <summary>The node's reports come twice, late and out of order, by its stream and by our asking. Paid is paid.</summary>
    [Fact]
    public void Of_true_reports_credits_the_same_in_whatever_order_they_come_once_one_says_paid() =>
        Property.Holds(
            Shrinking(from reports in Gen.Elements(Matching).ListOf()
                      from order in Gen.Shuffle([Ask.Pay, .. reports])
                      select order.Select(Named).ToArray()),
            reports =>
            {
                // The shrinker may take the payment away; then there is nothing to be shown.
                var expected = reports.Any(r => r.Command is TipCommand.ReportPaid) ? (Int128)OneAndAHalfCkb.Units : 0;

                Assert.Equal(expected, CreditOf("alice", Run([Named(Ask.Request), .. reports])));
                Assert.Equal(expected, CreditOf("alice", Run([Named(Ask.Request), .. reports.Reverse(), .. reports])));
            });

    /// <summary>Folds as it goes: an event that the state cannot repeat throws here.</summary>
    private static List<TipEvent> Run(IEnumerable<Step> steps)
    {
        var events = new List<TipEvent>();
        var state = TipState.Initial;
        foreach (var step in steps)
        {
            if (TipDecider.Decide(step.Command, state) is Decision<TipEvent, TipRefusal>.Accepted accepted)
            {
                events.AddRange(accepted.Events);
                state = accepted.Events.Aggregate(state, TipState.Evolve);
            }
        }

        return events;
    }

    private static bool IsPaidWithin(IEnumerable<TipEvent> events) => events.OfType<TipEvent.Settled>().Any(s => s.WasPaidWithin());

    private static Int128 CreditOf(string member, IEnumerable<TipEvent> events) =>
        events.OfType<IMovesMoney>().SelectMany(e => e.Entry?.Postings ?? [])
            .Where(p => p.Account == Account.MemberAvailable && p.Member == member)
            .Aggregate(Int128.Zero, (sum, p) => sum + p.Units);

    private static Step Named(string name) => new(name, Commands[name]);

    private static Arbitrary<Step[]> Shrinking(Gen<Step[]> sequences) =>
        Arb.From(sequences, steps => steps.Select((_, i) => (Step[])[.. steps[..i], .. steps[(i + 1)..]]));

    /// <summary>A command that prints as what it asks.</summary>
    private sealed record Step(string Name, TipCommand Command)
    {
        public override string ToString() => Name;
    }
}
