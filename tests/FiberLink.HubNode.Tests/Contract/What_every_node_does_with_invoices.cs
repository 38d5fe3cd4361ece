using System.Security.Cryptography;
using FiberLink.HubNode.Invoices;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>The same of every node: what our service relies on, through our client and, where that hides it, past it.</summary>
public abstract class What_every_node_does_with_invoices(NodeUnderTest node)
{
    private const int OneCkb = 100_000_000; // shannon
    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    protected NodeUnderTest Node => node;

    [Fact]
    public async Task It_says_who_it_is()
    {
        var info = Answers.Value(await node.Hub.GetInfoAsync(Scene.Ct));

        Assert.True(NodeVersion.TryParse(info.Version, out var version) && version >= NodeVersion.V0_8);
        Assert.True(PublicKey.TryParse(info.Pubkey, out _));
        Assert.Equal((FiberCurrency.Fibt, 1u, 0u, 1u), (info.Currency, info.ChannelCount, info.PendingChannelCount, info.PeersCount));
    }

    [Theory]
    [InlineData(InvoiceHashAlgorithm.CkbHash)]
    [InlineData(InvoiceHashAlgorithm.Sha256)]
    public async Task An_invoice_on_our_preimage_has_the_hash_that_we_computed(InvoiceHashAlgorithm algorithm)
    {
        var request = NewInvoice() with { HashAlgorithm = algorithm };

        var made = Answers.Value(await node.Hub.CreateInvoiceAsync(request, Scene.Ct));
        var found = Answers.Value(await node.Hub.FindInvoiceAsync(made.PaymentHash, Scene.Ct));
        var parsed = Answers.Value(await node.Hub.ParseInvoiceAsync(made.Invoice, Scene.Ct));

        Assert.Equal(request.Preimage.Hash(algorithm), made.PaymentHash);
        Assert.Equal(
            ((UInt128?)OneCkb, OneHour, HubInvoiceStatus.Open), (made.Amount, made.Expiry, found.Status!.Value));
        Assert.Equal(made.Invoice, found.Invoice);
        Assert.Equal(found with { Status = null }, parsed);
        Assert.Equal("a tip", Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(made.Invoice)).Invoice.Description);
    }

    [Fact]
    public async Task A_preimage_makes_one_invoice_and_not_two()
    {
        var request = NewInvoice();
        var preimage = request.Preimage.ToWire();

        var made = Answers.Value(await node.Hub.CreateInvoiceAsync(request, Scene.Ct));
        var again = await node.RefusedAsync("new_invoice", $$"""{"amount":"0x1","currency":"Fibt","payment_preimage":"{{preimage}}"}""");
        var asOurClientHasIt = Answers.Value(await node.Hub.CreateInvoiceAsync(request, Scene.Ct));

        Assert.Equal("invoice already exists", again);
        Assert.Equal(made.Invoice, asOurClientHasIt.Invoice);
    }

    [Fact]
    public async Task An_invoice_that_nobody_made_is_not_found()
    {
        var hash = AnyHash();

        Answers.Failure(NodeFailure.InvoiceNotFound, await node.Hub.FindInvoiceAsync(hash, Scene.Ct));
        Assert.Equal("invoice not found", await node.RefusedAsync("get_invoice", By(hash)));
        Answers.Failure(NodeFailure.InvoiceNotFound, await node.Hub.CancelInvoiceAsync(hash, Scene.Ct));
    }

    [Fact]
    public async Task A_paid_invoice_is_ours_in_the_channel_and_stays_paid()
    {
        var request = NewInvoice();
        var invoice = Answers.Value(await node.Hub.CreateInvoiceAsync(request, Scene.Ct));
        var before = await node.QuietChannelAsync();

        await node.PeerPaysAsync(invoice.Invoice);
        await node.BecomesAsync(invoice.PaymentHash, HubInvoiceStatus.Paid);

        var after = await node.QuietChannelAsync();
        Assert.Equal(
            (before.LocalBalance + OneCkb, before.RemoteBalance - OneCkb), (after.LocalBalance, after.RemoteBalance));
        Answers.Failure(NodeFailure.InvoiceAlreadyPaid, await node.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));
        Answers.Failure(
            NodeFailure.InvoiceAlreadyPaid, await node.Hub.SettleInvoiceAsync(invoice.PaymentHash, request.Preimage, Scene.Ct));
    }

    [Fact]
    public async Task A_cancelled_invoice_says_so_to_whoever_settles_or_cancels_it()
    {
        var request = NewInvoice();
        var invoice = Answers.Value(await node.Hub.CreateInvoiceAsync(request, Scene.Ct));

        var cancelled = Answers.Value(await node.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));

        Assert.Equal(invoice with { Status = HubInvoiceStatus.Cancelled }, cancelled);
        Answers.Failure(NodeFailure.InvoiceAlreadyCancelled, await node.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));
        Answers.Failure(
            NodeFailure.InvoiceAlreadyCancelled, await node.Hub.SettleInvoiceAsync(invoice.PaymentHash, request.Preimage, Scene.Ct));
    }

    [Fact]
    public async Task An_expired_invoice_can_be_cancelled_and_not_settled()
    {
        var request = NewInvoice() with { Expiry = TimeSpan.FromSeconds(1) };
        var invoice = Answers.Value(await node.Hub.CreateInvoiceAsync(request, Scene.Ct));

        await node.BecomesAsync(invoice.PaymentHash, HubInvoiceStatus.Expired);

        Answers.Failure(
            NodeFailure.InvoiceAlreadyExpired, await node.Hub.SettleInvoiceAsync(invoice.PaymentHash, request.Preimage, Scene.Ct));
        Assert.Equal(
            HubInvoiceStatus.Cancelled, Answers.Value(await node.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct)).Status);
    }

    [Fact]
    public async Task A_held_payment_waits_for_its_preimage()
    {
        var (preimage, hash, invoice) = await HeldInvoiceAsync();
        Answers.Failure(NodeFailure.InvoiceStillOpen, await node.Hub.SettleInvoiceAsync(hash, preimage, Scene.Ct));
        var before = await node.QuietChannelAsync();

        await node.PeerPaysAsync(invoice);
        await node.BecomesAsync(hash, HubInvoiceStatus.Received);

        var held = await node.ChannelAsync();
        Assert.Equal(
            (before.LocalBalance, before.RemoteBalance, (UInt128)OneCkb), (held.LocalBalance, held.RemoteBalance, held.ReceivedBalance));
        Assert.Contains(held.PendingTlcs, p => p.PaymentHash == hash && p.Amount == OneCkb && !p.IsOutbound);
        Answers.Failure(NodeFailure.PreimageMismatch, await node.Hub.SettleInvoiceAsync(hash, AnyPreimage(), Scene.Ct));
        Answers.Value(await node.Hub.SettleInvoiceAsync(hash, preimage, Scene.Ct));
        await node.BecomesAsync(hash, HubInvoiceStatus.Paid);
        Assert.Equal(before.LocalBalance + OneCkb, (await node.QuietChannelAsync()).LocalBalance);
    }

    [Fact]
    public async Task A_held_payment_goes_back_when_its_invoice_is_cancelled()
    {
        var (_, hash, invoice) = await HeldInvoiceAsync();
        var before = await node.QuietChannelAsync();
        await node.PeerPaysAsync(invoice);
        await node.BecomesAsync(hash, HubInvoiceStatus.Received);

        Answers.Value(await node.Hub.CancelInvoiceAsync(hash, Scene.Ct));

        Assert.Equal(before.LocalBalance, (await node.QuietChannelAsync()).LocalBalance);
        Assert.Equal(HubInvoiceStatus.Cancelled, await node.StatusAsync(hash));
    }

    [Theory]
    [InlineData("""{"amount":"0x1","currency":"Fibb"}""", "Currency must be Fibt with the chain network")]
    [InlineData(
        """{"amount":"0x1","currency":"Fibt","final_expiry_delta":"0x1"}""",
        "final_expiry_delta must be greater than or equal to 9600000")]
    public async Task A_new_invoice_is_refused_with_the_reason(string parameters, string reason) =>
        Assert.Equal(reason, await node.RefusedAsync("new_invoice", parameters));

    [Fact]
    public async Task What_is_no_invoice_is_not_parsed()
    {
        foreach (var vector in Vector.Read("parse-cases").EnumerateArray().Where(v => v.Find("error") is not null))
        {
            var message = vector.GetProperty("error").GetProperty("message").GetString();
            var text = vector.GetProperty("invoice").GetRawText();
            Assert.Equal(message, await node.RefusedAsync("parse_invoice", $$"""{"invoice":{{text}}}"""));
        }
    }

    [Theory]
    [InlineData("new_invoice", """{"amount":"1","currency":"Fibt"}""")]
    [InlineData("new_invoice", """{"amount":"0x1"}""")]
    [InlineData("get_invoice", """{"payment_hash":"0xab"}""")]
    [InlineData("get_payment", "{}")]
    [InlineData("send_payment", """{"amount":"5"}""")]
    [InlineData("send_payment", """{"timeout":5}""")]
    [InlineData("send_payment", """{"target_pubkey":"0x1234"}""")]
    public async Task Parameters_of_a_wrong_form_are_invalid(string method, string parameters) =>
        Assert.Equal((-32602, "Invalid params"), Wire.Error(await node.CallAsync(method, parameters)));

    internal static NewInvoice NewInvoice() =>
        new(OneCkb, FiberCurrency.Fibt, AnyPreimage(), InvoiceHashAlgorithm.CkbHash, OneHour, UdtTypeScript: null, "a tip");

    internal static PaymentHash AnyHash() => PaymentHash.FromBytes(RandomNumberGenerator.GetBytes(32));

    internal static string By(PaymentHash hash) => $$"""{"payment_hash":"{{hash}}"}""";

    private static Preimage AnyPreimage() => Preimage.FromBytes(RandomNumberGenerator.GetBytes(32));

    private async Task<(Preimage Preimage, PaymentHash Hash, string Invoice)> HeldInvoiceAsync()
    {
        var preimage = AnyPreimage();
        var hash = preimage.Hash(InvoiceHashAlgorithm.CkbHash);
        var answer = await node.CallAsync(
            "new_invoice",
            $$"""{"amount":"{{HexQuantity.Format(OneCkb)}}","currency":"Fibt","payment_hash":"{{hash}}","expiry":"0xe10"}""");
        return (preimage, hash, answer.GetProperty("result").GetProperty("invoice_address").GetString()!);
    }
}
