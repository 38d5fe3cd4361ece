using System.Text.Json.Nodes;
using FiberLink.HubNode;
using FiberLink.HubNode.Invoices;
using FiberLink.Service.Tests.Scene;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests;

/// <summary>A node that lies, or somebody between. What a payer would pay is the invoice's text, whatever is said about it.</summary>
public sealed class Invoices_that_are_not_as_ordered
{
    [Theory]
    [InlineData("amount")]
    [InlineData("payment_hash")]
    [InlineData("udt_script")]
    [InlineData("text of another amount")]
    [InlineData("text of another hash")]
    [InlineData("text of another network")]
    [InlineData("text of another time")]
    [InlineData("text that is a letter off")]
    public async Task Are_shown_to_nobody(string what)
    {
        await using var liar = await LyingNode.StartAsync((method, result) => Lie(method, result, what), Ct);
        await using var service = await RunningService.StartAsync(new Opening { NodeUrl = liar.InFrontOf });
        var wish = TipWish.New();

        AssertUnavailable(await CreateAsync(service, wish));
        var made = (await service.Control.ListAsync(Ct)).Single();
        Assert.Equal(HubInvoiceStatus.Cancelled, made.Status);
        Assert.Equal(
            1,
            await service.Database.CountAsync(
                "select count(*) from read_models.tip_status where stage = 'Cancelled' and invoice is null"));
        (await service.Client.CallAsync("tip.status", new { invoice = made.Invoice }, Ct)).AssertError(-32004, "Tip not found");
        Assert.Contains(service.Logs.AtLeast(LogLevel.Critical), text => text.Contains("not the one ordered", StringComparison.Ordinal));
        Assert.Contains(service.Logs.AtLeast(LogLevel.Error), text => text.Contains("is not as ordered", StringComparison.Ordinal));

        // The wish is free again, and what was cancelled is never taken for it.
        AssertUnavailable(await CreateAsync(service, wish));
        Assert.Equal(2, (await service.Control.ListAsync(Ct)).Count);
    }

    [Fact]
    public async Task Of_another_node_than_the_one_expected_are_shown_to_nobody()
    {
        await using var liar = await LyingNode.StartAsync((method, result) => Lie(method, result, "text of another payee"), Ct);
        await using var honest = await RunningService.StartAsync();
        var payee = Read(await honest.Client.TipAsync(TipWish.New(), Ct)).Payee.ToString();

        // Where nothing is expected, nothing can differ.
        await using var anybody = await RunningService.StartAsync(new Opening { NodeUrl = liar.InFrontOf });
        Assert.Null((await CreateAsync(anybody, TipWish.New())).ErrorCode);
        await using var expecting = await RunningService.StartAsync(
            new Opening { NodeUrl = liar.InFrontOf, Change = settings => settings with { NodePubkey = payee } });
        AssertUnavailable(await CreateAsync(expecting, TipWish.New()));
    }

    private static void Lie(string method, JsonNode result, string what)
    {
        if (method != "new_invoice")
        {
            return;
        }

        var invoice = result["invoice"]!;
        switch (what)
        {
            case "amount":
                invoice["amount"] = "0x1";
                break;
            case "payment_hash":
                invoice["data"]!["payment_hash"] = $"0x{new string('7', 64)}";
                break;
            case "udt_script":
                var script = "0x" + "35000000100000003000000031000000" + new string('a', 64) + "01" + "00000000";
                invoice["data"]!["attrs"]!.AsArray().Add(new JsonObject { ["udt_script"] = script });
                break;
            default:
                result["invoice_address"] = Other(result["invoice_address"]!.GetValue<string>(), what);
                break;
        }
    }

    /// <summary>An invoice by somebody else that is like ours but for one thing.</summary>
    private static string Other(string text, string what)
    {
        var ours = Read(text);
        var copy = new InvoiceDraft
        {
            Currency = ours.Currency,
            Amount = ours.Amount,
            CreatedAt = ours.CreatedAt,
            PaymentHash = ours.PaymentHash,
            Expiry = ours.Expiry,
            HashAlgorithm = ours.HashAlgorithm,
        };
        using var key = InvoiceKey.Generate();
        var other = what switch
        {
            "text of another amount" => copy with { Amount = ours.Amount + 1 },
            "text of another hash" => copy with { PaymentHash = PaymentHash.Parse($"0x{new string('7', 64)}") },
            "text of another network" => copy with { Currency = FiberCurrency.Fibb },
            "text of another time" => copy with { Expiry = ours.Expiry + TimeSpan.FromDays(300) },
            "text of another payee" => copy,
            _ => null,
        };
        return other is null ? text[..^1] + (text[^1] == 'q' ? 'p' : 'q') : InvoiceCodec.Encode(other.Sign(key));
    }

    private static FiberInvoice Read(string text) => ((InvoiceReading.Decoded)InvoiceCodec.Decode(text)).Invoice;

    private static Task<RpcReply> CreateAsync(RunningService service, TipWish wish) =>
        service.Client.CallAsync("tip.create", wish.Params, Ct);

    private static void AssertUnavailable(RpcReply reply)
    {
        Assert.Equal(-32603, reply.ErrorCode);
        Assert.Contains("service unavailable", reply.ErrorMessage, StringComparison.Ordinal);
    }
}
