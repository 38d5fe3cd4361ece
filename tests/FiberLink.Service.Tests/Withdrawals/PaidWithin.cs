using System.Net.Http.Json;
using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Service.Reconciliation;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Reconciliation;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>A member who pays another member's tip out of a balance at the same hub: what is asked, and what is looked at.</summary>
internal static class PaidWithin
{
    private const long Ckb = 100_000_000;

    private const string Units =
        "select coalesce(sum(units), 0)::bigint from read_models.account_balances where account = $1 and ($2 = '' or member = $2)";

    private static readonly HttpClient Http = new();

    /// <summary>A tip to somebody, and its invoice.</summary>
    public static Task<string> TipToAsync(this SignedClient client, string member, string amount) =>
        client.TipAsync(TipWish.New() with { To = member, Amount = amount }, Ct);

    public static async Task<string> PayTipAsync(this SignedClient client, string payer, string amount, string invoice)
    {
        var reply = await client.WithdrawAsync(payer, amount, invoice, Ct);
        Assert.Null(reply.ErrorMessage);
        return reply.Result.GetProperty("id").GetString()!;
    }

    /// <summary>The sum of an account over all communities, or a member's there.</summary>
    public static Task<long> UnitsAsync(this RunningService service, string account, string member = "") =>
        service.Database.CountAsync(Units, account, member);

    public static Task<long> EventsAsync(this RunningService service, string name) =>
        service.Database.CountAsync("select count(*) from event_store.mt_events where type = $1", name);

    /// <summary>Nothing is held, nothing is owed among the communities, and every event's entry is even.</summary>
    public static async Task BooksAreEvenAsync(this RunningService service)
    {
        Assert.Equal(0, await service.UnitsAsync("MemberHeld"));
        Assert.Equal(0, await service.UnitsAsync("WithinHub"));
        Assert.Equal(0, await service.Database.CountAsync("select sum(units)::bigint from read_models.account_balances"));
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from messaging.dead_letters"));
    }

    /// <summary>What two members may spend, in whole CKB.</summary>
    public static async Task HaveAsync(this RunningService service, long alice, long bob) => Assert.Equal(
        (alice * Ckb, bob * Ckb),
        (await service.UnitsAsync("MemberAvailable", "alice"), await service.UnitsAsync("MemberAvailable", "bob")));

    /// <summary>alice has paid bob's tip of 40 CKB, and somebody outside has paid it too.</summary>
    public static async Task IsPaidTwiceAsync(this RunningService service, string invoice)
    {
        await Eventually.HoldsAsync("both have paid", async () => await service.EventsAsync("tip.paid_twice.v1") == 1, Ct);
        Assert.Equal("SETTLED", await service.Client.StatusAsync(invoice, Ct));
        await service.HaveAsync(alice: 60, bob: 80);
        await service.BooksAreEvenAsync();
    }

    /// <summary>What the log and the node do not agree about.</summary>
    public static async Task<IReadOnlyList<DifferenceKind>> DifferencesAsync(this RunningService service, bool isRepaired = false)
    {
        await using var tools = service.Tools();
        var kinds = new List<DifferenceKind>();
        await tools.GetRequiredService<NodeReconciliation>().RunAsync(
            new(RunningService.App, isRepaired),
            difference =>
            {
                kinds.Add(difference.Kind);
                return Task.CompletedTask;
            },
            Ct);
        return kinds;
    }

    public static async Task<HubInvoiceStatus> AtTheNodeAsync(this RunningService service, string invoice) =>
        (await service.Control.ListAsync(Ct)).Single(i => i.Invoice == invoice).Status;

    public static Task IsCancelledAtTheNodeAsync(this RunningService service, string invoice) =>
        Eventually.HoldsAsync(
            "nobody else can pay it", async () => await service.AtTheNodeAsync(invoice) is HubInvoiceStatus.Cancelled, Ct);

    /// <summary>The same settings, with the node that is behind them named.</summary>
    public static ServiceSettings NamingTheNode(this ServiceSettings settings)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, settings.NodeUrl);
        ask.Content = JsonContent.Create(new { jsonrpc = "2.0", id = 1, method = "node_info", @params = Array.Empty<object>() });
        using var reply = Http.Send(ask, Ct);
        using var told = JsonDocument.Parse(reply.Content.ReadAsStream(Ct));
        return settings with { NodePubkey = told.RootElement.GetProperty("result").GetProperty("pubkey").GetString() };
    }

    /// <summary>An invoice by somebody else that has the payment hash of this one.</summary>
    public static string Forged(string invoice, UInt128 amount)
    {
        var ours = Assert.IsType<InvoiceReading.Decoded>(InvoiceCodec.Decode(invoice)).Invoice;
        using var key = InvoiceKey.Generate();
        var draft = new InvoiceDraft
        {
            Currency = ours.Currency,
            Amount = amount,
            CreatedAt = ours.CreatedAt,
            PaymentHash = ours.PaymentHash,
            Expiry = ours.Expiry,
            HashAlgorithm = ours.HashAlgorithm,
        };
        return InvoiceCodec.Encode(draft.Sign(key));
    }
}
