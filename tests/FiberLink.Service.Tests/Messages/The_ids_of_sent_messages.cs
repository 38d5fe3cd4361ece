using FiberLink.Service.CommandHandling;
using FiberLink.Service.Messages;

namespace FiberLink.Service.Tests.Messages;

/// <summary>The values were reckoned by another program. An id that changed would send again what waits under the old one.</summary>
public sealed class The_ids_of_sent_messages
{
    private const string Hash = "0x5f3c8a0e1b2d4c6f7a8b9c0d1e2f30415263748596a7b8c9daebfc0d1e2f3041";

    private static readonly Guid Tip = Guid.Parse("01990000-0000-7000-8000-000000000001");

    [Fact]
    public void Are_the_same_in_every_version()
    {
        var invoice = new ObservedInvoice("fibt1", Hash, "CKB", "CKB", "1", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        var observed = new InvoiceObserved(Tip, Hash, ObservedStatus.Paid, invoice).ToMessage("demo", DateTimeOffset.UnixEpoch, null);

        Assert.Equal("16305f98-63fc-84be-ae67-f779a28e01a1", observed.Id.ToString());
        Assert.Equal("adee2bda-6262-8a2e-9f6e-eab01ff193b4", IssueInvoice.IdFor(Tip).ToString());
        Assert.Equal("ca978112-ca1b-8dca-bac2-31b39a23dc4d", Ids.Named("a").ToString());
    }
}
