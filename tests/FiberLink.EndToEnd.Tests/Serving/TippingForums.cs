using System.Collections.Concurrent;
using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.Sandbox.Control;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Serving;

/// <summary>
/// Forums that make tips one after the other and pay them. Each wish is repeated until it is answered, and each invoice is paid as
/// soon as the node is there.
/// </summary>
/// <param name="service">Where the tips are made.</param>
/// <param name="node">Where they are paid.</param>
internal sealed class TippingForums(SignedCaller service, SandboxControl node)
{
    private const string Recipient = "9";
    private const long UnitsInCkb = 100_000_000;

    private readonly ConcurrentQueue<string> _paid = [];

    /// <summary>How many invoices were paid so far.</summary>
    public int Paid => _paid.Count;

    /// <summary>Goes on until it is stopped; a tip that was made by then is paid as well.</summary>
    public Task RunAsync(int forums, CancellationToken stop, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, forums).Select(f => TipAndPayAsync(f, stop, ct)));

    /// <summary>Waits until all that was paid is settled; then nothing may be missing, doubled, or left.</summary>
    public async Task AssertSettledOnceAsync(Books books, CancellationToken ct)
    {
        Assert.NotEmpty(_paid);
        await Eventually.HoldsAsync(
            "every payment is settled", async () => await books.EventsAsync("tip.settled.v1", ct) == _paid.Count, ct);
        await Eventually.HoldsAsync("nothing waits", async () => await books.WaitingAsync(ct) == 0, ct);
        var atNode = await node.ListAsync(ct);
        Assert.Equal(
            _paid.Order(StringComparer.Ordinal),
            atNode.Where(i => i.Status is HubInvoiceStatus.Paid).Select(i => i.Invoice).Order(StringComparer.Ordinal));
        Assert.Equal(0, await books.RepeatedAsync("tip.settled.v1", ct));
        Assert.Equal(_paid.Count * UnitsInCkb, await books.BalanceAsync(Recipient, ct));
        Assert.Equal(0, await books.TrialBalanceAsync(ct));
        Assert.Equal(0, await books.DeadLettersAsync(ct));
    }

    private async Task TipAndPayAsync(int forum, CancellationToken stop, CancellationToken ct)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var wish = new Wish($"{forum}-{n}", "7", Recipient, "1", "thanks");
            var invoice = "";
            await Eventually.HoldsAsync(
                $"tip {n} is answered",
                async () =>
                    (invoice = await TryAsync(() => service.CreateTipAsync(wish, ct), "")).Length > 0 || stop.IsCancellationRequested,
                ct);
            if (invoice.Length == 0)
            {
                return;
            }

            await Eventually.HoldsAsync($"tip {n} is paid", () => TryAsync(() => PayAsync(invoice, ct), false), ct);
            _paid.Enqueue(invoice);
        }
    }

    private async Task<bool> PayAsync(string invoice, CancellationToken ct)
    {
        try
        {
            await node.PayAsync(invoice, ct);
            return true;
        }
        catch (SandboxRefusedException)
        {
            // Perhaps it is paid, and nobody heard of it.
            return (await node.ListAsync(ct)).Any(i => i.Invoice == invoice && i.Status is HubInvoiceStatus.Paid);
        }
    }

    private static async Task<T> TryAsync<T>(Func<Task<T>> call, T otherwise)
    {
        try
        {
            return await call();
        }
        catch (Exception away) when (away is HttpRequestException or IOException or JsonException or InvalidOperationException)
        {
            return otherwise;
        }
    }
}
