using FiberLink.Domain.Withdrawals;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FsCheck.Fluent;

namespace FiberLink.Domain.Tests.Withdrawals;

public sealed class Stopping_withdrawals_and_letting_them_go
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Asset Usdi = new("USDI");

    private static readonly Specification<PayoutControlCommand, PayoutControlState, PayoutControlEvent, PayoutRulesRefusal> Control =
        new(PayoutControlState.Initial, PayoutControlState.Evolve, PayoutControlDecider.Decide);

    private static readonly PayoutControlEvent AllPaused = new PayoutControlEvent.Paused(null, "ann", "an alarm", Noon);
    private static readonly PayoutControlEvent CkbPaused = new PayoutControlEvent.Paused(Asset.Ckb, "ann", "an alarm", Noon);
    private static readonly PayoutControlEvent MemberDenied =
        new PayoutControlEvent.Denied(DenialKind.Member, "9", "ann", "stolen", Noon);

    [Fact]
    public void Everything_is_paused_and_resumed()
    {
        Control.Given().When(Pause(null)).Then(AllPaused);
        Control.Given(AllPaused).When(Resume(null)).Then(new PayoutControlEvent.Resumed(null, "bob", "all clear", Noon));
    }

    [Fact]
    public void What_is_paused_is_not_paused_anew_whoever_says_so_and_why() =>
        Control.Given(AllPaused).When(Pause(null) with { By = "bob", Reason = "another alarm" }).ThenNothingNew();

    [Fact]
    public void What_is_not_paused_is_not_resumed() => Control.Given().When(Resume(null)).ThenNothingNew();

    [Fact]
    public void An_asset_is_paused_beside_all_of_them_and_stays_so()
    {
        Control.Given(AllPaused).When(Pause(Asset.Ckb)).Then(CkbPaused);
        Control.Given(AllPaused, CkbPaused).When(Resume(null)).Then(new PayoutControlEvent.Resumed(null, "bob", "all clear", Noon));
        Control.Given(AllPaused, CkbPaused, new PayoutControlEvent.Resumed(null, "bob", "all clear", Noon))
            .When(Resume(Asset.Ckb))
            .Then(new PayoutControlEvent.Resumed(Asset.Ckb, "bob", "all clear", Noon));
    }

    [Fact]
    public void A_pause_of_one_asset_is_none_of_another_nor_of_all()
    {
        Control.Given(CkbPaused).When(Pause(Usdi)).Then(new PayoutControlEvent.Paused(Usdi, "ann", "an alarm", Noon));
        Control.Given(CkbPaused).When(Pause(null)).Then(AllPaused);
        Control.Given(CkbPaused).When(Resume(Usdi)).ThenNothingNew();
        Control.Given(CkbPaused).When(Resume(null)).ThenNothingNew();
    }

    [Fact]
    public void A_member_is_denied_once_and_readmitted_once()
    {
        var readmit = new PayoutControlCommand.Readmit(DenialKind.Member, "9", "bob", "cleared", Noon);

        Control.Given().When(Deny("9")).Then(MemberDenied);
        Control.Given(MemberDenied).When(Deny("9") with { Reason = "stolen again" }).ThenNothingNew();
        Control.Given().When(readmit).ThenNothingNew();
        Control.Given(MemberDenied).When(readmit)
            .Then(new PayoutControlEvent.Readmitted(DenialKind.Member, "9", "bob", "cleared", Noon));
    }

    [Fact]
    public void A_destination_is_not_the_member_of_that_name() =>
        Control.Given(MemberDenied).When(Deny("9") with { Kind = DenialKind.Destination })
            .Then(new PayoutControlEvent.Denied(DenialKind.Destination, "9", "ann", "stolen", Noon));

    /// <summary>Whatever the command and the state: without who and why nothing is decided, not even nothing.</summary>
    [Fact]
    public void Somebody_stands_behind_everything_and_says_why()
    {
        foreach (var command in (PayoutControlCommand[])[Pause(null), Resume(null), Deny("9"),
            new PayoutControlCommand.Readmit(DenialKind.Member, "9", "bob", "cleared", Noon)])
        {
            foreach (var by in (string[])["", " ", "ann\nbob", "\u001b[2J", new('a', OperatorWords.ByLengthMax + 1)])
            {
                Control.Given(AllPaused).When(command with { By = by }).ThenRefused(PayoutRulesRefusal.NotSaidByWhom);
            }

            foreach (var reason in (string[])["", "\t", "one\ntwo", new('a', OperatorWords.ReasonLengthMax + 1)])
            {
                Control.Given(AllPaused).When(command with { Reason = reason }).ThenRefused(PayoutRulesRefusal.NotSaidWhy);
            }
        }

        Control.Given()
            .When(Pause(null) with { By = new('a', OperatorWords.ByLengthMax), Reason = new('b', OperatorWords.ReasonLengthMax) })
            .Then(new PayoutControlEvent.Paused(null, new('a', OperatorWords.ByLengthMax), new('b', OperatorWords.ReasonLengthMax), Noon));
    }

    [Fact]
    public void What_is_stopped_is_what_was_stopped_last_and_not_let_go_since()
    {
        var commands = from kind in Gen.Choose(0, 3)
                       from which in Gen.Choose(0, 2)
                       select kind switch
                       {
                           0 => (PayoutControlCommand)Pause(which == 0 ? null : which == 1 ? Asset.Ckb : Usdi),
                           1 => Resume(which == 0 ? null : which == 1 ? Asset.Ckb : Usdi),
                           2 => Deny($"{which}"),
                           _ => new PayoutControlCommand.Readmit(DenialKind.Member, $"{which}", "bob", "cleared", Noon),
                       };

        Property.Holds(Gen.ListOf(commands), steps =>
        {
            var state = PayoutControlState.Initial;
            var (paused, denied) = (new HashSet<string>(), new HashSet<string>());
            foreach (var step in steps)
            {
                var isChange = step switch
                {
                    PayoutControlCommand.Pause p => paused.Add($"{p.Asset}"),
                    PayoutControlCommand.Resume r => paused.Remove($"{r.Asset}"),
                    PayoutControlCommand.Deny d => denied.Add(d.Value),
                    _ => denied.Remove(((PayoutControlCommand.Readmit)step).Value),
                };
                var events = Assert.IsType<Decision<PayoutControlEvent, PayoutRulesRefusal>.Accepted>(
                    PayoutControlDecider.Decide(step, state)).Events;
                Assert.Equal(isChange ? 1 : 0, events.Count);
                state = events.Aggregate(state, PayoutControlState.Evolve);
                Assert.Equal(paused, state.PausedAssets.Select(a => $"{a}").Concat(state.IsPaused ? [""] : []).ToHashSet());
                Assert.Equal(denied, state.Denied.Select(d => d.Value).ToHashSet());
            }
        });
    }

    private static PayoutControlCommand.Pause Pause(Asset? asset) => new(asset, "ann", "an alarm", Noon);

    private static PayoutControlCommand.Resume Resume(Asset? asset) => new(asset, "bob", "all clear", Noon);

    private static PayoutControlCommand.Deny Deny(string member) => new(DenialKind.Member, member, "ann", "stolen", Noon);
}
