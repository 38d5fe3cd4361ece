using System.Net;
using System.Net.Sockets;

namespace FiberLink.HubNode.Tests;

public sealed class When_the_node_misbehaves
{
    [Fact]
    public async Task Nobody_at_the_address_means_nothing_was_sent()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var http = Wire.NewHttpClient();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = new($"http://127.0.0.1:{port}") }, TimeProvider.System);

        Answers.Failure(NodeFailure.Unreachable, await hub.GetInfoAsync(Scene.Ct));
    }

    [Fact]
    public async Task A_node_that_cuts_connections_gives_no_answer_until_it_comes_back()
    {
        await using var scene = await Scene.StartAsync();

        await scene.Control.GoAwayAsync(duration: null, Scene.Ct);
        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.CreateInvoiceAsync(scene.NewInvoice(), Scene.Ct));
        scene.Time.Advance(TimeSpan.FromDays(1));
        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.GetInfoAsync(Scene.Ct));
        Assert.Empty(await scene.Control.ListAsync(Scene.Ct));

        await scene.Control.ComeBackAsync(Scene.Ct);
        Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct));

        await scene.Control.GoAwayAsync(TimeSpan.FromMinutes(1), Scene.Ct);
        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.GetInfoAsync(Scene.Ct));
        scene.Time.Advance(TimeSpan.FromMinutes(1));
        Answers.Value(await scene.Hub.GetInfoAsync(Scene.Ct));
    }

    [Fact]
    public async Task After_a_deadline_nobody_knows_and_the_call_may_still_take_effect()
    {
        await using var scene = await Scene.StartAsync();
        var request = scene.NewInvoice();
        await scene.Control.AnswerSlowlyAsync(TimeSpan.FromMinutes(1), Scene.Ct);

        var call = scene.Hub.CreateInvoiceAsync(request, Scene.Ct);
        await Scene.UntilAsync(() => Task.FromResult(scene.Time.TimersWaiting > 0));
        scene.ClientTime.Advance(Scene.CallTimeout);
        Answers.Failure(NodeFailure.NoAnswer, await call);

        scene.Time.Advance(TimeSpan.FromMinutes(1));
        await Scene.UntilAsync(async () => (await scene.Control.ListAsync(Scene.Ct)).Count == 1);
        await scene.Control.ResetAsync(Scene.Ct);
        var repeated = Answers.Value(await scene.Hub.CreateInvoiceAsync(request, Scene.Ct));
        Assert.Equal((await scene.Control.ListAsync(Scene.Ct)).Single().Invoice, repeated.Invoice);
    }

    [Fact]
    public async Task A_lost_answer_is_found_again_by_asking_again()
    {
        await using var scene = await Scene.StartAsync();
        var request = scene.NewInvoice();
        await scene.Control.LoseAnswersAsync(2, Scene.Ct);

        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.CreateInvoiceAsync(request, Scene.Ct));
        var made = Assert.Single(await scene.Control.ListAsync(Scene.Ct));
        Answers.Failure(NodeFailure.NoAnswer, await scene.Hub.CreateInvoiceAsync(request, Scene.Ct));
        var invoice = Answers.Value(await scene.Hub.CreateInvoiceAsync(request, Scene.Ct));

        Assert.Equal(made.Invoice, invoice.Invoice);
        Assert.Single(await scene.Control.ListAsync(Scene.Ct));
    }

    [Fact]
    public async Task A_call_executed_twice_makes_one_invoice()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.AnswerTwiceAsync(true, Scene.Ct);

        var invoice = await scene.CreateAsync();

        Assert.Equal(invoice.Invoice, Assert.Single(await scene.Control.ListAsync(Scene.Ct)).Invoice);
        Answers.Failure(NodeFailure.InvoiceAlreadyCancelled, await scene.Hub.CancelInvoiceAsync(invoice.PaymentHash, Scene.Ct));
    }

    [Fact]
    public async Task What_the_node_tells_falsely_is_delivered_as_told()
    {
        await using var scene = await Scene.StartAsync();
        var invoice = await scene.CreateAsync();
        var otherHash = PaymentHash.FromBytes(new byte[32]);
        var otherScript = new UdtScript($"0x{new string('1', 64)}", "data1", "0x");
        await scene.Control.ReportAsync(invoice.Invoice, 7, otherScript, otherHash, Scene.Ct);

        var told = Answers.Value(await scene.Hub.FindInvoiceAsync(invoice.PaymentHash, Scene.Ct));

        Assert.Equal(invoice with { Amount = 7, UdtScript = otherScript, PaymentHash = otherHash }, told);
        await scene.Control.ResetAsync(Scene.Ct);
        Assert.Equal(invoice, Answers.Value(await scene.Hub.FindInvoiceAsync(invoice.PaymentHash, Scene.Ct)));
    }

    [Theory]
    [InlineData("invoice not found", NodeFailure.InvoiceNotFound)]
    [InlineData("Invoice not found", NodeFailure.InvoiceNotFound)]
    [InlineData("Duplicated invoice found: 0x12", NodeFailure.NoAnswer)] // "It exists", and then there is none.
    [InlineData("invoice can not be canceled, current status: Paid", NodeFailure.InvoiceAlreadyPaid)]
    [InlineData("invoice can not be canceled, current status: Cancelled", NodeFailure.InvoiceAlreadyCancelled)]
    [InlineData("invoice can not be canceled, current status: Received", NodeFailure.Rejected)]
    [InlineData("Invoice is already paid", NodeFailure.InvoiceAlreadyPaid)]
    [InlineData("Invoice is already cancelled", NodeFailure.InvoiceAlreadyCancelled)]
    [InlineData("Currency must be Fibb with the chain network", NodeFailure.WrongNetwork)]
    [InlineData("the store is on fire", NodeFailure.Rejected)]
    public async Task A_refusal_is_known_by_its_text(string text, NodeFailure expected)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Control.RefuseAsync("new_invoice", text, 1, Scene.Ct);

        Answers.Failure(expected, await scene.Hub.CreateInvoiceAsync(scene.NewInvoice(), Scene.Ct));
        Answers.Value(await scene.Hub.CreateInvoiceAsync(scene.NewInvoice(), Scene.Ct));
    }

    [Fact]
    public async Task Callers_beyond_the_limit_wait_for_their_turn_and_those_in_vain_have_sent_nothing()
    {
        await using var node = new RawNode(_ => null);
        using var http = Wire.NewHttpClient();
        var time = new DrivenTime();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint, CallsInFlightMax = 2 }, time);

        var sent = new[] { hub.GetInfoAsync(Scene.Ct), hub.GetInfoAsync(Scene.Ct) };
        var waiting = hub.GetInfoAsync(Scene.Ct);
        await Scene.UntilAsync(() => Task.FromResult(node.Requests.Count == 2));
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.All(await Task.WhenAll(sent), answer => Answers.Failure(NodeFailure.NoAnswer, answer));
        Answers.Failure(NodeFailure.Unreachable, await waiting);
        Assert.Equal(2, node.Requests.Count);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_thrown()
    {
        await using var node = new RawNode(_ => null);
        using var http = Wire.NewHttpClient();
        using var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint }, new DrivenTime());
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Scene.Ct);

        var call = hub.GetInfoAsync(cancel.Token);
        await Scene.UntilAsync(() => Task.FromResult(node.Requests.Count == 1));
        await cancel.CancelAsync();

        var thrown = await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, thrown.CancellationToken);
        await Assert.ThrowsAsync<OperationCanceledException>(() => hub.GetInfoAsync(cancel.Token));
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_client_that_is_disposed_leaves_nobody_waiting()
    {
        await using var node = new RawNode(_ => null);
        using var http = Wire.NewHttpClient();
        var hub = new JsonRpcHubNode(http, new() { Endpoint = node.Endpoint, CallsInFlightMax = 1, RetriesMax = 0 }, new DrivenTime());
        IHubNode asked = hub;

        var sent = asked.GetInfoAsync(Scene.Ct);
        await Scene.UntilAsync(() => Task.FromResult(node.Requests.Count == 1));
        var waiting = asked.GetInfoAsync(Scene.Ct);
        await hub.DisposeAsync();
        await hub.DisposeAsync();

        Answers.Failure(NodeFailure.NoAnswer, await sent);
        Answers.Failure(NodeFailure.Unreachable, await waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asked.GetInfoAsync(Scene.Ct));
    }
}
