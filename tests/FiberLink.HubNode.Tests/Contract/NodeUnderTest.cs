using System.Net.Http.Json;
using System.Text.Json;
using FiberLink.Testing;

namespace FiberLink.HubNode.Tests.Contract;

/// <summary>A node with a channel of 500 CKB, our client of it, and the hand of its only peer, who pays it and is paid by it.</summary>
public abstract class NodeUnderTest : IAsyncLifetime
{
    private readonly HttpClient _http = Wire.NewHttpClient();

    /// <summary>A lock that has coins on the node's chain.</summary>
    public static NodeScript Wallet { get; } = new(
        "0x9bd7e06f3ecf4be0f2fcd2188b23f1b9fcc88e5d4b65a8637b17723bbda3cce8", "type", $"0x{new string('a', 40)}");

    /// <summary>Our client.</summary>
    public IHubNode Hub { get; protected set; } = null!;

    /// <summary>For calls past our client.</summary>
    public Uri Endpoint { get; protected set; } = null!;

    protected HttpClient Http => _http;

    /// <summary>The peer makes an invoice.</summary>
    /// <param name="amount">In shannon.</param>
    /// <param name="expiry">Null never expires.</param>
    /// <param name="isHeld">The peer keeps payments waiting until it settles or cancels.</param>
    /// <param name="allowsParts">A payment may come in parts.</param>
    public abstract Task<string> PeersInvoiceAsync(
        UInt128 amount, TimeSpan? expiry = null, bool isHeld = false, bool allowsParts = false);

    /// <summary>The peer takes what it has kept waiting.</summary>
    public abstract Task PeerSettlesAsync(PaymentHash hash);

    /// <summary>The peer cancels its invoice.</summary>
    public abstract Task PeerCancelsAsync(PaymentHash hash);

    /// <summary>The peer pays; done when the payment is on its way or has arrived.</summary>
    public abstract Task PeerPaysAsync(string invoice);

    /// <summary>The connection with the peer is cut, or made again.</summary>
    public abstract Task ConnectAsync(bool isConnected);

    /// <summary>The whole answer to a call with this one object of parameters.</summary>
    public async Task<JsonElement> CallAsync(string method, string parameters)
    {
        var body = JsonSerializer.Deserialize<JsonElement>(
            $$"""{"jsonrpc":"2.0","id":7,"method":"{{method}}","params":[{{parameters}}]}""");
        using var response = await _http.PostAsJsonAsync(Endpoint, body, Scene.Ct);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Scene.Ct);
    }

    /// <summary>
    /// There is a way to the peer. A real node loses its peer when the machine is busy, and what failed then it does not try for a while.
    /// </summary>
    public async Task CanPayAsync(UInt128 amount)
    {
        var invoice = await PeersInvoiceAsync(amount);
        await Eventually.HoldsAsync(
            "the peer can be paid",
            async () =>
            {
                var tried = await CallAsync("send_payment", $$"""{"invoice":"{{invoice}}","dry_run":true}""");
                if (tried.Find("result") is null)
                {
                    await ConnectAsync(isConnected: true);
                    return false;
                }

                return true;
            },
            Scene.Ct);
    }

    /// <summary>The words of a refusal.</summary>
    public async Task<string> RefusedAsync(string method, string parameters)
    {
        var answer = await CallAsync(method, parameters);
        Assert.True(answer.Find("error") is not null, answer.GetRawText());
        var (code, message) = Wire.Error(answer);
        Assert.Equal(-32000, code);
        return message;
    }

    public async Task<HubInvoiceStatus?> StatusAsync(PaymentHash hash) => Answers.Value(await Hub.FindInvoiceAsync(hash, Scene.Ct)).Status;

    public Task BecomesAsync(PaymentHash hash, HubInvoiceStatus status) =>
        Eventually.HoldsAsync($"the invoice is {status}", async () => await StatusAsync(hash) == status, Scene.Ct);

    /// <summary>The payment, once it has this status.</summary>
    public async Task<HubPayment> BecomesAsync(PaymentHash hash, HubPaymentStatus status)
    {
        HubPayment? payment = null;
        await Eventually.HoldsAsync(
            $"the payment is {status}",
            async () =>
            {
                payment = Answers.Value(await Hub.FindPaymentAsync(hash, Scene.Ct));
                Assert.True(payment.Failure is null || payment.Status == status, $"{payment.Status}: {payment.Failure}");
                return payment.Status == status;
            },
            Scene.Ct);
        return payment!;
    }

    /// <summary>The channel with the peer, when nothing is under way in it.</summary>
    public async Task<HubChannel> QuietChannelAsync()
    {
        HubChannel? channel = null;
        await Eventually.HoldsAsync(
            "nothing is under way",
            async () => (channel = await ChannelAsync()) is { OfferedBalance: var offered, ReceivedBalance: var received }
                && offered + received == UInt128.Zero,
            Scene.Ct);
        return channel!;
    }

    public async Task<HubChannel> ChannelAsync() => Assert.Single(Answers.Value(await Hub.ListChannelsAsync(withClosed: false, Scene.Ct)));

    public abstract ValueTask InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
        _http.Dispose();
    }

    protected abstract ValueTask StopAsync();
}
