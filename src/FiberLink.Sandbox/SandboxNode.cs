using FiberLink.Sandbox.Channels;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Invoices;
using FiberLink.Sandbox.Payments;
using FiberLink.Sandbox.State;
using FiberLink.Sandbox.Subscriptions;
using FiberLink.Sandbox.Wire;
using Microsoft.AspNetCore.Builder;

namespace FiberLink.Sandbox;

/// <summary>
/// A Fiber node for development and tests: it speaks the wire of FNN 0.8, keeps the same rules and uses the same words, but there is no
/// network behind it. Money moves when the control interface says so.
/// </summary>
public sealed class SandboxNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly FundingMethods _funding;
    private readonly StateJournal? _journal;
    private readonly ScheduledPayments _scheduled;
    private readonly SandboxIdentity _identity;
    private readonly StoreChanges _changes;

    private SandboxNode(SandboxNodeOptions options, TimeProvider real)
    {
        var time = new NodeClock(real);
        _app = LoopbackHost.Build(options.Listen);
        _changes = new StoreChanges(options.Seed);
        _scheduled = new ScheduledPayments(time);
        _identity = new SandboxIdentity(options.Seed);
        _journal = options.StateFile is { } file ? new StateJournal(file) : null;
        var kept = _journal?.ReadAll() ?? [];
        var channels = new ChannelBook(_journal, kept.Select(k => k.Channel).OfType<SandboxChannel>(), time);
        var invoices = new InvoiceBook(
            _journal, kept.Select(k => k.Invoice).OfType<SandboxInvoice>(), channels, _changes.InvoiceChanged, time);
        var payees = new Payees(_journal, kept.Select(k => k.Payee).OfType<PayeeInvoice>(), _identity, time);
        var payments = new PaymentBook(
            _journal,
            kept.Select(k => k.Payment).OfType<SandboxPayment>(),
            channels,
            _identity,
            payees,
            _scheduled,
            _changes.PaymentChanged,
            time);
        var faults = new Faults(time, options.Seed);
        var channelMethods = new ChannelMethods(channels, _identity);
        _http = new HttpClient();
        _funding = new FundingMethods(
            channels, channelMethods, _identity, options.Chain is { } chain ? new FundingChain(_http, chain, _identity, real) : null, time);
        var dispatch = new RpcDispatch(
            new InvoiceMethods(invoices, faults, _changes, _identity, options.Currency, time),
            new PaymentMethods(payments, new PaymentChecks(_identity, time)),
            channelMethods,
            _funding,
            new NodeMethods(channelMethods, _identity, options.Currency),
            faults);
        var control = new ControlRequests(
            invoices, faults, dispatch, _scheduled, _changes, new PaymentControl(payments, payees, channels, options.Currency), time);
        var endpoint = new SandboxEndpoint(dispatch, control, _changes, faults, time, _stop.Token);
        _app.UseWebSockets();
        _app.Run(endpoint.HandleAsync);
    }

    /// <summary>Where it listens, with the port that was found when 0 was asked for.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Answers as soon as the node does.</summary>
    /// <exception cref="SandboxInProductionException">An environment variable says that this is production.</exception>
    /// <exception cref="ArgumentException">The address is not a loopback one.</exception>
    /// <exception cref="IOException">The port is taken, or the state file is.</exception>
    public static async Task<SandboxNode> StartAsync(SandboxNodeOptions options, TimeProvider time, CancellationToken ct)
    {
        ProductionGuard.Check(Environment.GetEnvironmentVariable);
        var node = new SandboxNode(options, time);
        try
        {
            await node._app.StartAsync(ct);
            node.Endpoint = LoopbackHost.AddressOf(node._app);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _scheduled.DisposeAsync();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _changes.DisposeAsync();
        _journal?.Dispose();
        _identity.Dispose();
        _funding.Dispose();
        _http.Dispose();
        _stop.Dispose();
    }
}
