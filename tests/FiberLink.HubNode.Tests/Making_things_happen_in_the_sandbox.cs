using FiberLink.Testing;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;

namespace FiberLink.HubNode.Tests;

public sealed class Making_things_happen_in_the_sandbox
{
    [Fact]
    public async Task A_payment_comes_at_once_or_when_its_time_has_come()
    {
        await using var scene = await Scene.StartAsync();
        var (now, later) = (await scene.CreateAsync(), await scene.CreateAsync());

        Assert.Equal(HubInvoiceStatus.Paid, (await scene.Control.PayAsync(now.Invoice, Scene.Ct)).Status);
        var told = await scene.Control.PayAsync(later.Invoice, TimeSpan.FromSeconds(30), force: false, Scene.Ct);

        Assert.Equal(HubInvoiceStatus.Open, told.Status);
        scene.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(HubInvoiceStatus.Open, await scene.StatusAsync(later.PaymentHash));
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        await Scene.UntilAsync(async () => await scene.StatusAsync(later.PaymentHash) == HubInvoiceStatus.Paid);
    }

    [Fact]
    public async Task A_payment_on_its_way_ends_with_the_node()
    {
        var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        await scene.Control.PayAsync(invoice.Invoice, TimeSpan.FromHours(1), force: false, Scene.Ct);

        await scene.DisposeAsync();

        Assert.Equal(0, scene.Time.TimersWaiting);
    }

    [Fact]
    public async Task A_held_payment_is_settled()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();

        Assert.Equal(HubInvoiceStatus.Received, (await scene.Control.HoldAsync(invoice.Invoice, Scene.Ct)).Status);
        scene.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(HubInvoiceStatus.Received, await scene.StatusAsync(invoice.PaymentHash));
        Assert.Equal(HubInvoiceStatus.Paid, (await scene.Control.SettleAsync(invoice.Invoice, Scene.Ct)).Status);
        await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.SettleAsync(invoice.Invoice, Scene.Ct));
    }

    [Fact]
    public async Task A_late_payment_needs_force_and_then_arrives_after_all()
    {
        await using var scene = await Scene.StartAsync();
        var (expired, cancelled) = (await scene.CreateAsync(), await scene.CreateAsync());
        Assert.Equal(HubInvoiceStatus.Expired, (await scene.Control.ExpireAsync(expired.Invoice, Scene.Ct)).Status);
        Assert.Equal(HubInvoiceStatus.Cancelled, (await scene.Control.CancelAsync(cancelled.Invoice, Scene.Ct)).Status);

        foreach (var invoice in (HubInvoice[])[expired, cancelled])
        {
            var refused = await Assert.ThrowsAsync<SandboxRefusedException>(() => scene.Control.PayAsync(invoice.Invoice, Scene.Ct));
            Assert.Contains("force", refused.Message, StringComparison.Ordinal);
            await scene.Control.PayAsync(invoice.Invoice, after: null, force: true, Scene.Ct);
            Assert.Equal(HubInvoiceStatus.Paid, await scene.StatusAsync(invoice.PaymentHash));
        }
    }

    [Fact]
    public async Task An_invoice_expires_by_the_clock_and_one_without_expiry_never()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        var hash = (await scene.CallAsync("new_invoice", """{"amount":"0x1","currency":"Fibt"}""")).GetProperty("result")
            .GetProperty("invoice").GetProperty("data").GetProperty("payment_hash").GetString()!;

        scene.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HubInvoiceStatus.Open, await scene.StatusAsync(invoice.PaymentHash));
        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HubInvoiceStatus.Expired, await scene.StatusAsync(invoice.PaymentHash));
        scene.Time.Advance(TimeSpan.FromDays(10_000));
        Assert.Equal(HubInvoiceStatus.Open, await scene.StatusAsync(PaymentHash.Parse(hash)));
    }

    [Fact]
    public async Task The_channel_grows_by_what_is_paid_in_shannon()
    {
        await using var scene = await Scene.StartAsync();
        var before = await LocalBalanceAsync(scene);
        var token = new UdtScript($"0x{new string('1', 64)}", "type", "0x01");
        var inToken = Answers.Value(await scene.Hub.CreateInvoiceAsync(scene.NewInvoice() with { UdtTypeScript = token }, Scene.Ct));

        await scene.Control.PayAsync((await scene.CreateAsync()).Invoice, Scene.Ct);
        await scene.Control.PayAsync(inToken.Invoice, Scene.Ct);

        Assert.Equal(before + 100_000_000, await LocalBalanceAsync(scene));
    }

    [Fact]
    public async Task Invoices_survive_a_restart_and_a_torn_last_line()
    {
        using var folder = new TempFolder();
        var file = folder.File("invoices.jsonl");
        HubInvoice paid, open, expired;
        string pubkey;
        var time = new DrivenTime();
        await using (var scene = await Scene.StartAsync(stateFile: file, time: time))
        {
            var token = new UdtScript($"0x{new string('1', 64)}", "type", "0x01");
            paid = Answers.Value(await scene.Hub.CreateInvoiceAsync(
                scene.NewInvoice() with { UdtTypeScript = token, HashAlgorithm = InvoiceHashAlgorithm.Sha256 }, Scene.Ct));
            (open, expired) = (await scene.CreateAsync(), await scene.CreateAsync());
            await scene.Control.PayAsync(paid.Invoice, Scene.Ct);
            await scene.Control.ExpireAsync(expired.Invoice, Scene.Ct);
            pubkey = Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct)).Pubkey;
        }

        await File.AppendAllTextAsync(file, "{\"paymentHash\":\"0x", Scene.Ct);
        HubInvoice late;
        await using (var scene = await Scene.StartAsync(stateFile: file, time: time))
        {
            Assert.Equal(
                paid with { Status = HubInvoiceStatus.Paid }, Answers.Value(await scene.Hub.FindInvoiceAsync(paid.PaymentHash, Scene.Ct)));
            Assert.Equal(open, Answers.Value(await scene.Hub.FindInvoiceAsync(open.PaymentHash, Scene.Ct)));
            Assert.Equal(HubInvoiceStatus.Expired, await scene.StatusAsync(expired.PaymentHash));
            Assert.Equal(pubkey, Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct)).Pubkey);
            late = Answers.Value(await scene.Hub.CreateInvoiceAsync(
                scene.NewInvoice() with { Preimage = Preimage.Parse($"0x{new string('7', 64)}") }, Scene.Ct));
        }

        await using (var scene = await Scene.StartAsync(stateFile: file, time: time))
        {
            Assert.Equal(
                [paid.Invoice, open.Invoice, expired.Invoice, late.Invoice],
                (await scene.Control.ListAsync(Scene.Ct)).Select(listed => listed.Invoice));
        }
    }

    [Fact]
    public async Task A_seed_decides_the_key_and_the_preimages_and_no_seed_draws_them()
    {
        await using var one = await Scene.StartAsync(seed: 1);
        await using var same = await Scene.StartAsync(seed: 1);
        await using var other = await Scene.StartAsync(seed: 2);
        await using var chance = await Scene.StartAsync(seed: null);
        await using var again = await Scene.StartAsync(seed: null);

        Assert.Equal(await DrawnAsync(one), await DrawnAsync(same));
        Assert.NotEqual(await DrawnAsync(one), await DrawnAsync(other));
        Assert.NotEqual((await DrawnAsync(chance)).Hash, (await DrawnAsync(again)).Hash);
        Assert.Equal((await DrawnAsync(chance)).Pubkey, (await DrawnAsync(again)).Pubkey);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://192.168.1.5:0")]
    [InlineData("http://example.org:0")]
    [InlineData("https://127.0.0.1:0")]
    public async Task It_listens_to_this_machine_only(string address) => await Assert.ThrowsAsync<ArgumentException>(() =>
        SandboxNode.StartAsync(new SandboxNodeOptions { Listen = new(address) }, TimeProvider.System, Scene.Ct));

    [Fact]
    public async Task A_taken_port_is_said_so()
    {
        await using var scene = await Scene.StartAsync();

        await Assert.ThrowsAsync<IOException>(() =>
            SandboxNode.StartAsync(new SandboxNodeOptions { Listen = scene.Node.Endpoint }, TimeProvider.System, Scene.Ct));
    }

    [Fact]
    public async Task Calls_are_counted_by_method()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        await scene.StatusAsync(invoice.PaymentHash);
        await scene.StatusAsync(invoice.PaymentHash);

        Assert.Equal(
            new Dictionary<string, long> { ["get_invoice"] = 2, ["new_invoice"] = 1 }, await scene.Control.CallsAsync(Scene.Ct));
        await scene.Control.ResetAsync(Scene.Ct);
        Assert.Empty(await scene.Control.CallsAsync(Scene.Ct));
    }

    [Fact]
    public async Task Unreadable_control_requests_are_refused_with_a_reason()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();

        await RefusedAsync(scene, "pay", "{", HttpStatusCode.BadRequest);
        await RefusedAsync(scene, "pay", "{}", HttpStatusCode.BadRequest);
        await RefusedAsync(scene, "pay", """{"payment_hash":"0x12"}""", HttpStatusCode.BadRequest);
        await RefusedAsync(scene, "pay", $$"""{"invoice":"{{invoice.Invoice}}","afterMs":-1}""", HttpStatusCode.BadRequest);
        await RefusedAsync(scene, "pay", $$"""{"invoice":"{{invoice.Invoice}}","misspelt":1}""", HttpStatusCode.BadRequest);
        await RefusedAsync(scene, "pay", """{"invoice":"fibt1qqqqqqqq"}""", HttpStatusCode.Conflict);
        await RefusedAsync(scene, "slow", """{"ms":86400001}""", HttpStatusCode.BadRequest);
        await RefusedAsync(scene, "explode", "{}", HttpStatusCode.NotFound);
        Assert.Equal(HubInvoiceStatus.Open, await scene.StatusAsync(invoice.PaymentHash));
    }

    [Fact]
    public async Task Only_posted_json_is_listened_to()
    {
        await using var scene = await Scene.StartAsync();
        foreach (var path in (string[])["/", "/sandbox/away"])
        {
            using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
            using var answer = await scene.Http.PostAsync(new Uri(scene.Node.Endpoint, path), text, Scene.Ct);

            Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        }

        using var got = await scene.Http.GetAsync(scene.Node.Endpoint, Scene.Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, got.StatusCode);
    }

    private static async Task RefusedAsync(Scene scene, string verb, string body, HttpStatusCode expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await scene.Http.PostAsync(new Uri(scene.Node.Endpoint, $"/sandbox/{verb}"), content, Scene.Ct);

        Assert.Equal(expected, answer.StatusCode);
        var reason = await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>(Scene.Ct);
        Assert.NotEmpty(reason!["error"]);
    }

    private static async Task<UInt128> LocalBalanceAsync(Scene scene)
    {
        var channel = (await scene.CallAsync("list_channels", "{}")).GetProperty("result").GetProperty("channels")[0];
        Assert.True(HexQuantity.TryParse(channel.GetProperty("local_balance").GetString(), out var balance));
        return balance;
    }

    private static async Task<(string Pubkey, string Hash)> DrawnAsync(Scene scene)
    {
        var answer = await scene.CallAsync("new_invoice", """{"amount":"0x1","currency":"Fibt"}""");
        var invoice = answer.GetProperty("result").GetProperty("invoice");
        var hash = invoice.GetProperty("data").GetProperty("payment_hash").GetString()!;
        return (invoice.Attribute("payee_public_key")!.Value.GetString()!, hash);
    }
}
