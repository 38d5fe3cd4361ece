using System.Text.Json.Nodes;
using FiberLink.Cli.Commands;
using FiberLink.Cli.Output;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.Projections;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>What people read of events: one line in <c>events stream</c>, sentences of a receipt. No process is needed for it.</summary>
public sealed class Words_about_events
{
    private const string Hash = "0x5f3c8a0e1b2d4c6f7a8b9c0d1e2f30415263748596a7b8c9daebfc0d1e2f3041";

    private static readonly Guid Id = Guid.Parse("01990000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset At = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Amount Ckb = new(Asset.Ckb, 150_000_000);
    private static readonly Amount Token = new(new("USDI"), 70);

    [Fact]
    public void A_line_has_the_main_facts_and_nothing_twice()
    {
        var order = new InvoiceOrder(Hash, HashAlgorithm.CkbHash, "key-1", "Fibd", 3600);

        Assert.Equal(
            "post id p1, from 7, to 9, amount 1.5 CKB, message sealed, order (payment hash 0x5f3c8a0e1b2d4c6f7a8b9c0d1e2f30415…1e2f3041, "
            + "hash algorithm CkbHash, preimage key id key-1, currency Fibd, expiry seconds 3600)",
            Line(new TipEvent.Requested(Id, "p1", "7", "9", Ckb, new(Id, "bm9uY2U=", "c2VhbGVk"), order, At)));
        Assert.Equal(
            "to 9, amount 1.5 CKB, late, MemberAvailable 9 +1.5 CKB, HubChannels -1.5 CKB",
            Line(new TipEvent.Settled(Id, "9", Ckb, true, Entry(Ckb), At)));
        Assert.Equal(
            "invoice fibd1…, expires at 2026-08-01 13:00:00Z", Line(new TipEvent.InvoiceIssued(Id, "fibd1…", At, At.AddHours(1))));
    }

    [Fact]
    public void A_line_stays_one_whatever_a_forum_or_a_node_says()
    {
        var strange = new ReportedInvoice("a\nb\u001b[2J", "a token's script", "170141183460469231731687303715884105728");
        var line = Line(new TipEvent.Suspended(Id, InvoiceDifference.Asset, strange, null, At));

        Assert.DoesNotContain(line, char.IsControl);
        Assert.StartsWith(
            "difference Asset, reported (payment hash a\uFFFDb\uFFFD[2J, asset a token's script", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tip_is_told_with_giver_and_post_or_without()
    {
        var order = new InvoiceOrder(Hash, HashAlgorithm.CkbHash, "key-1", "Fibd", 3600);
        var wish = new TipEvent.Requested(Id, "p1", "7", "9", Token, null, order, At);
        var settled = new TipEvent.Settled(Id, "9", Token, true, Entry(Token), At);

        var whole = Words("tip", wish, settled);
        Assert.StartsWith("Tip: 7 gave 9 of demo 70 smallest units of USDI for post p1.", whole, StringComparison.Ordinal);
        Assert.Contains($"invoice: payment hash {Hash}", whole, StringComparison.Ordinal);
        Assert.Contains("2: 9 was credited 70 smallest units of USDI, late, received by the hub's node", whole, StringComparison.Ordinal);
        Assert.DoesNotContain("sealed", whole, StringComparison.Ordinal);
        Assert.DoesNotContain("p1", Words("tip", settled), StringComparison.Ordinal);
    }

    [Fact]
    public void A_withdrawal_is_told_whichever_way_it_went()
    {
        var fee = new Amount(Asset.Ckb, 1000);
        var entry = JournalEntry.Move(Ckb, (Account.MemberHeld, "9"), (Account.HubOnChain, null));
        WithdrawalEvent.Requested Wish(DestinationKind kind, string text)
        {
            var to = new Destination(kind, text, kind is DestinationKind.CkbAddress ? null : Hash, null);
            return new(Id, "9", Ckb, Ckb, Ckb, to, false, null, false, entry, At);
        }

        var chain = Words(
            "withdrawal",
            Wish(DestinationKind.CkbAddress, "ckt1q"),
            new WithdrawalEvent.Completed(Id, 1, Hash, fee, new("0.0041", 1, "a source", At), entry, At));
        Assert.StartsWith("Withdrawal: 9 of demo had 1.5 CKB paid out.", chain, StringComparison.Ordinal);
        Assert.Contains("to: the CKB address ckt1q", chain, StringComparison.Ordinal);
        Assert.Contains($"evidence: {Hash}, the hash of the transaction", chain, StringComparison.Ordinal);
        Assert.Contains("fee: 0.00001 CKB was what the way cost", chain, StringComparison.Ordinal);
        Assert.Contains("worth: 0.01 US dollars, at 0.0041 by a source", chain, StringComparison.Ordinal);

        var within = Words(
            "withdrawal", Wish(DestinationKind.TipInvoice, "fibd1"), new WithdrawalEvent.Transferred(Id, Hash, null, entry, At));
        Assert.Contains("the invoice of a tip of this hub, fibd1", within, StringComparison.Ordinal);
        Assert.Contains("nothing left it, for no fee", within, StringComparison.Ordinal);
        var bare = Words("withdrawal", new WithdrawalEvent.Transferred(Id, Hash, null, entry, At));
        Assert.Contains("Where to and how much is not in this file", bare, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adjustment_is_told_with_its_end()
    {
        var entry = JournalEntry.Move(Ckb, (Account.HubCapital, null), (Account.MemberAvailable, "9"));
        object[] posted =
        [
            new AdjustmentEvent.Requested(
                Id, new(Account.HubCapital, null), new(Account.MemberAvailable, "9"), Ckb, "ann", "ticket 77", At),
            new AdjustmentEvent.Posted(Id, "bob", "compared", entry, At),
        ];

        var told = Words("adjustment", posted);
        Assert.StartsWith("Adjustment of the books of demo by hand: 1.5 CKB from capital to member:9.", told, StringComparison.Ordinal);
        Assert.Contains("later: Whether it was taken back later, this does not show.", told, StringComparison.Ordinal);
        var back = JournalEntry.Move(Ckb, (Account.MemberAvailable, "9"), (Account.HubCapital, null));
        var reversed = Words("adjustment", [.. posted, new AdjustmentEvent.Reversed(Id, "cora", "a mistake", back, At)]);
        Assert.Contains("AND TAKEN BACK SINCE", reversed, StringComparison.Ordinal);
        Assert.Contains("by cora: a mistake", reversed, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_other_events_there_are_no_sentences() =>
        Assert.Null(ReceiptWords.Of([Proven("tip", new TipEvent.Expired(Id, At), 1), new(2, [])]));

    private static JournalEntry Entry(Amount amount) =>
        JournalEntry.Move(amount, (Account.HubChannels, null), (Account.MemberAvailable, "9"));

    private static string Line(object body) =>
        EventFacts.Offline.Of(JsonNode.Parse(StoredEvents.Catalogue.Write(body).Body)!, $"tip-{Id:N}", At);

    private static string Words(string kind, params object[] bodies)
    {
        var (title, lines) = ReceiptWords.Of([.. bodies.Select((b, i) => Proven(kind, b, i + 1))])!.Value;
        return string.Join('\n', [title, .. lines.Select(l => $"{l.Name}: {l.Text}")]);
    }

    private static ProvenEvent Proven(string kind, object body, long position)
    {
        var (name, json) = StoredEvents.Catalogue.Write(body);
        var form = new JsonObject
        {
            ["tenant"] = "demo",
            ["stream"] = $"{kind}-{Id:N}",
            ["version"] = position,
            ["type"] = name,
            ["at"] = "2026-08-01T12:00:00.000000Z",
            ["data"] = JsonNode.Parse(json),
        };

        // As it is read from a file.
        return new(position, JsonNode.Parse(form.ToJsonString())!.AsObject());
    }
}
