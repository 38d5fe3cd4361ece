using System.Text.Json;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FsCheck.Fluent;

namespace FiberLink.Events.Tests.Money;

public sealed class An_amount
{
    private static readonly EventContract Requested = EventContracts.All.Single(c => c.Name == "tip.requested.v1");

    [Fact]
    public void Of_any_size_reads_back_as_it_was_written() =>
        Property.Holds(
            from asset in Any.Asset from units in Any.Units select new Amount(asset, units),
            amount =>
            {
                var written = JsonSerializer.Serialize(RequestFor(amount), Requested.Json);

                Assert.Contains($"\"units\":\"{amount.Units}\"", written, StringComparison.Ordinal);
                Assert.Equal(RequestFor(amount), JsonSerializer.Deserialize(written, Requested.Json));
            });

    [Fact]
    public void Without_an_asset_cannot_be_written() =>
        Assert.Throws<InvalidOperationException>(() => JsonSerializer.Serialize(RequestFor(default), Requested.Json));

    [Fact]
    public void Is_another_amount_in_another_asset() => Assert.NotEqual(new Amount(Asset.Ckb, 1), new Amount(new Asset("USDI"), 1));

    [Fact]
    public void That_a_journal_can_post_leaves_room_for_the_sign() =>
        Assert.Equal((UInt128)1 << 127, Amount.UnitsMax + 1);

    private static object RequestFor(Amount amount) =>
        new TipEvent.Requested(
            Guid.Parse("01990000-0000-7000-8000-000000000001"),
            "4711",
            "bob",
            "alice",
            amount,
            null,
            new InvoiceOrder("0x00", HashAlgorithm.CkbHash, "key", "Fibt", 3600),
            DateTimeOffset.UnixEpoch);
}
