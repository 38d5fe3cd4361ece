using FiberLink.HubNode.Invoices;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Payments;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests;

/// <summary>What tests of payments do with a scene.</summary>
internal static class PayingScene
{
    /// <summary>The payment of an invoice that somebody out in the network makes for it.</summary>
    public static async Task<PaymentRequest> PayeeAsync(this Scene scene, PayeeInvoiceRequest terms)
    {
        var text = await scene.Control.Payments.IssueAsync(terms, Scene.Ct);
        var invoice = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(text)).Invoice;
        return new(text, invoice.PaymentHash, invoice.Amount!.Value, 1_000_000, TimeSpan.FromSeconds(60));
    }

    public static async Task<HubPayment> SendAsync(this Scene scene, PaymentRequest request) =>
        Assert.IsType<PaymentOutcome.Known>(await scene.Hub.SendPaymentAsync(request, Scene.Ct)).Payment;

    public static async Task<HubPayment> FindAsync(this Scene scene, PaymentRequest request) =>
        Answers.Value(await scene.Hub.FindPaymentAsync(request.PaymentHash, Scene.Ct));

    public static async Task<HubPayment> BecomesAsync(this Scene scene, PaymentRequest request, HubPaymentStatus status)
    {
        HubPayment? payment = null;
        await Eventually.HoldsAsync(
            $"it is {status}", async () => (payment = await scene.FindAsync(request)).Status == status, Scene.Ct);
        return payment!;
    }

    /// <summary>Time enough for whatever was sent to arrive passes, in the two steps that there are.</summary>
    public static async Task PassAsync(this Scene scene)
    {
        scene.Time.Advance(PaymentBook.HandOver);
        await Eventually.HoldsAsync(
            "all have left",
            async () => (await scene.Control.Payments.ListAsync(Scene.Ct)).All(p => p.Status != HubPaymentStatus.Created),
            Scene.Ct);
        scene.Time.Advance(PaymentBook.Travel);
    }

    public static async Task<HubChannel> ChannelAsync(this Scene scene) => Assert.Single(await scene.ChannelsAsync());

    public static async Task<IReadOnlyList<HubChannel>> ChannelsAsync(this Scene scene) =>
        Answers.Value(await scene.Hub.ListChannelsAsync(withClosed: false, Scene.Ct));
}
