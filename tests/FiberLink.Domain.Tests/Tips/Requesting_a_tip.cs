using FiberLink.Domain.Tips;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using static FiberLink.Domain.Tests.Tips.TipExamples;

namespace FiberLink.Domain.Tests.Tips;

public sealed class Requesting_a_tip
{
    private static readonly TipCommand.Request Request = (TipCommand.Request)Commands[Ask.Request];
    private static readonly SealedText Message = new(Tip, "AAECAwQFBgcICQoL", "AAECAwQFBgcICQoLDA0ODw==");

    [Fact]
    public void Records_everything_that_was_asked() =>
        Specification.Given().When(Request with { Message = Message })
            .Then(new TipEvent.Requested(Tip, "4711", "bob", "alice", OneAndAHalfCkb, Message, Order, Now));

    [Fact]
    public void Again_in_the_same_words_changes_nothing() =>
        Specification.Given(Requested).When(Request with { Now = Now.AddHours(1) }).ThenNothingNew();

    /// <summary>Each attempt seals the message anew and orders an invoice anew; neither tells one tip from another.</summary>
    [Fact]
    public void Again_with_the_message_sealed_anew_and_another_order_changes_nothing() =>
        Specification.Given(Requested)
            .When(Request with { Message = Message, Order = Order with { PreimageKeyId = "key-2026-02" } })
            .ThenNothingNew();

    public static TheoryData<string> OtherWords => [.. Others.Keys];

    private static Dictionary<string, TipCommand.Request> Others { get; } = new()
    {
        ["another recipient"] = Request with { To = "carol" },
        ["another tipper"] = Request with { From = "carol" },
        ["another post"] = Request with { PostId = "4712" },
        ["one unit more"] = Request with { Amount = OneAndAHalfCkb with { Units = OneAndAHalfCkb.Units + 1 } },
        ["another asset"] = Request with { Amount = OneAndAHalfCkb with { Asset = Usdi } },
        ["nothing"] = Request with { Amount = OneAndAHalfCkb with { Units = 0 } },
        ["names in other letters"] = Request with { To = "Alice" },
    };

    [Theory]
    [MemberData(nameof(OtherWords))]
    public void Again_in_other_words_is_refused(string other) =>
        Specification.Given(Requested).When(Others[other]).ThenRefused(TipRefusal.TipExistsWithOtherTerms);

    [Theory]
    [MemberData(nameof(OtherWords))]
    public void In_other_words_is_refused_even_when_it_is_all_over(string other) =>
        Specification.Given(States[When.Settled]).When(Others[other]).ThenRefused(TipRefusal.TipExistsWithOtherTerms);

    [Fact]
    public void Of_one_unit_is_enough() => AcceptedFor(1);

    [Fact]
    public void Of_all_that_a_journal_can_post_is_not_too_much() => AcceptedFor(Amount.UnitsMax);

    [Fact]
    public void Of_more_than_a_journal_can_post_is_refused()
    {
        Specification.Given().When(For(Amount.UnitsMax + 1)).ThenRefused(TipRefusal.AmountIsOutOfRange);
        Specification.Given().When(For(UInt128.MaxValue)).ThenRefused(TipRefusal.AmountIsOutOfRange);
    }

    [Fact]
    public void Of_the_most_there_can_be_settles_in_full()
    {
        var amount = new Amount(Asset.Ckb, Amount.UnitsMax);
        var entry = JournalEntry.Move(amount, (Account.HubChannels, null), (Account.MemberAvailable, "alice"));

        Specification.Given(((TipEvent.Requested)Requested) with { Amount = amount }, Issued)
            .When(new TipCommand.ReportPaid(AsOrdered with { Units = Amount.UnitsMax }, Now))
            .Then(new TipEvent.Settled(Tip, "alice", amount, false, entry, Now));
    }

    private static TipCommand.Request For(UInt128 units) => Request with { Amount = new Amount(Asset.Ckb, units) };

    private static void AcceptedFor(UInt128 units) =>
        Specification.Given().When(For(units))
            .Then(((TipEvent.Requested)Requested) with { Amount = new Amount(Asset.Ckb, units) });
}
