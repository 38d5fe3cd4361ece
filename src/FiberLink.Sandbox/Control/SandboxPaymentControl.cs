using FiberLink.HubNode;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Sandbox.Control;

/// <summary>A payment of the sandbox node's own.</summary>
/// <param name="PaymentHash">What it is known by.</param>
/// <param name="Amount">What the payee gets, in smallest units.</param>
/// <param name="Fee">What the way costs on top.</param>
/// <param name="Status">As the node tells it.</param>
/// <param name="IsUnderWay">Whether it can still arrive, whatever the status says.</param>
/// <param name="IsTaken">Whether the payee has been paid, whatever the status says.</param>
/// <param name="Error">The node's words; null unless it is failed.</param>
public sealed record SandboxPaymentListing(
    PaymentHash PaymentHash, UInt128 Amount, UInt128 Fee, HubPaymentStatus Status, bool IsUnderWay, bool IsTaken, string? Error);

/// <summary>What an invoice of somebody out in the network is to say.</summary>
/// <param name="Amount">In smallest units.</param>
public sealed record PayeeInvoiceRequest(UInt128 Amount)
{
    /// <summary>The token; null for CKB.</summary>
    public UdtScript? UdtScript { get; init; }

    public string? Description { get; init; }

    /// <summary>In whole seconds; null never expires.</summary>
    public TimeSpan? Expiry { get; init; }

    /// <summary>The payee is not a peer of the node's, so that paying costs a thousandth of the amount.</summary>
    public bool IsFarther { get; init; }

    /// <summary>The payee keeps payments waiting.</summary>
    public bool IsHeld { get; init; }

    /// <summary>A payment may come in parts.</summary>
    public bool AllowsMultiPart { get; init; }
}

/// <summary>
/// Makes things happen to the payments that the sandbox node sends, and to its channels. Throws as <see cref="SandboxControl"/> does.
/// </summary>
public sealed class SandboxPaymentControl
{
    private readonly ControlCalls _calls;

    internal SandboxPaymentControl(ControlCalls calls) => _calls = calls;

    /// <summary>Somebody out in the network makes an invoice, which the node may pay.</summary>
    public async Task<string> IssueAsync(PayeeInvoiceRequest request, CancellationToken ct)
    {
        var body = new ControlWire.NewPayeeInvoice(
            HexQuantity.Format(request.Amount),
            Script(request.UdtScript),
            request.Description,
            request.Expiry is { } expiry ? (ulong)expiry.TotalSeconds : null,
            request.IsFarther,
            request.IsHeld,
            request.AllowsMultiPart);
        return (await _calls.PostAsync<ControlWire.NewPayeeInvoice, ControlWire.MadePayeeInvoice>("payee-invoice", body, ct)).Invoice;
    }

    /// <summary>What becomes of the next so many payments of which nothing else is known.</summary>
    /// <param name="ending">How they end.</param>
    /// <param name="error">The node's word for a failure, such as TemporaryChannelFailure; null for another ending.</param>
    /// <param name="count">How many.</param>
    /// <param name="ct">Gives up.</param>
    public Task DecideAsync(PaymentEnding ending, string? error, int count, CancellationToken ct) =>
        _calls.SwitchAsync("payment-fate", new ControlWire.Fate(ending, error, count), ct);

    /// <summary>What becomes of payments of one invoice that was issued here, from now on.</summary>
    public Task DecideAsync(string invoiceOrHash, PaymentEnding ending, string? error, CancellationToken ct)
    {
        var (hash, invoice) = ControlCalls.Choice(invoiceOrHash);
        return _calls.SwitchAsync("payment-fate", new ControlWire.Fate(ending, error) { PaymentHash = hash, Invoice = invoice }, ct);
    }

    /// <summary>
    /// The payee takes a payment that is under way; one also that was reported as failed. With <paramref name="isTold"/> that one then
    /// tells of its success; without, it says Failed for ever, as FNN 0.8 does, and only the channel shows that the money has gone.
    /// </summary>
    public Task<SandboxPaymentListing> SucceedAsync(string invoiceOrHash, bool isTold, CancellationToken ct)
    {
        var (hash, invoice) = ControlCalls.Choice(invoiceOrHash);
        return ChangeAsync("payment-succeed", new ControlWire.Succeed(isTold) { PaymentHash = hash, Invoice = invoice }, ct);
    }

    /// <summary>A payment that is under way comes back, with the node's word for why.</summary>
    public Task<SandboxPaymentListing> FailAsync(string invoiceOrHash, string error, CancellationToken ct)
    {
        var (hash, invoice) = ControlCalls.Choice(invoiceOrHash);
        return ChangeAsync("payment-fail", new ControlWire.Fail(error) { PaymentHash = hash, Invoice = invoice }, ct);
    }

    /// <summary>A channel is opened and ready at once.</summary>
    /// <param name="peer">One of the node's peers, numbered from 0 on, or the next one.</param>
    /// <param name="udtScript">The token; null for CKB.</param>
    /// <param name="local">What the node can send at first, in smallest units.</param>
    /// <param name="remote">What it can receive at first.</param>
    /// <param name="ct">Gives up.</param>
    public Task OpenChannelAsync(int peer, UdtScript? udtScript, UInt128 local, UInt128 remote, CancellationToken ct) =>
        _calls.SwitchAsync(
            "open-channel",
            new ControlWire.OpenChannel(HexQuantity.Format(local), HexQuantity.Format(remote), peer, Script(udtScript)),
            ct);

    /// <summary>A peer goes away, and what is in its channels with it; or it comes back.</summary>
    public Task ConnectPeerAsync(int peer, bool isConnected, CancellationToken ct) =>
        _calls.SwitchAsync("peer", new ControlWire.Peer(peer, isConnected), ct);

    /// <summary>All of them, in the order of their hashes.</summary>
    public async Task<IReadOnlyList<SandboxPaymentListing>> ListAsync(CancellationToken ct) =>
        [.. (await _calls.GetAsync<ControlWire.ListedPayment[]>("payments", ct)).Select(ToListing)];

    private async Task<SandboxPaymentListing> ChangeAsync<T>(string verb, T body, CancellationToken ct) =>
        ToListing(await _calls.PostAsync<T, ControlWire.ListedPayment>(verb, body, ct));

    private static ControlWire.Script? Script(UdtScript? script) =>
        script is null ? null : new(script.CodeHash, script.HashType, script.Args);

    private static SandboxPaymentListing ToListing(ControlWire.ListedPayment listed) => new(
        PaymentHash.Parse(listed.PaymentHash),
        ControlReading.Quantity(listed.Amount),
        ControlReading.Quantity(listed.Fee),
        listed.Status,
        listed.UnderWay,
        listed.Taken,
        listed.Error);
}
