using System.Text.Json;
using FiberLink.HubNode.JsonRpc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FiberLink.HubNode;

/// <summary>A real Fiber node (FNN 0.8, and 0.6.1 as far as it has the methods) over HTTP or WebSocket.</summary>
public sealed class JsonRpcHubNode : IHubNode, IAsyncDisposable, IDisposable
{
    private const int PageMax = 100;

    private readonly NodeLine _line;
    private readonly NodeGate _gate;
    private readonly NodeCaller _caller;
    private int _isDisposed;

    /// <param name="http">The caller's, who also disposes it. Its own timeout should not be the shorter one.</param>
    /// <param name="options">Checked by the caller.</param>
    /// <param name="time">Deadlines are kept by this clock.</param>
    /// <param name="log">Told when the node goes away, comes back, or is another one.</param>
    /// <exception cref="HubNodeSettingsException">The token's settings are wrong.</exception>
    public JsonRpcHubNode(HttpClient http, HubNodeOptions options, TimeProvider time, ILogger<JsonRpcHubNode>? log = null)
    {
        _line = new NodeLine(http, options, time);
        _gate = new NodeGate(_line, options, time, log ?? NullLogger<JsonRpcHubNode>.Instance);
        _caller = new NodeCaller(_line, _gate, options, time);
    }

    /// <summary>Whether calls go to the node, or fail at once because it is away.</summary>
    public NodeCircuitState Circuit => _gate.Circuit;

    /// <inheritdoc />
    public async Task<NodeAnswer<NodeInfo>> GetInfoAsync(CancellationToken ct) => (await _caller.AskAsync(ct)).Answer;

    /// <inheritdoc />
    public async Task<NodeAnswer<HubInvoice>> CreateInvoiceAsync(NewInvoice request, CancellationToken ct)
    {
        if (RequestWriting.Objection(request) is { } objection)
        {
            return new NodeAnswer<HubInvoice>.Failed(NodeFailure.InvalidRequest, objection);
        }

        var created = await CallAsync(
            NodeMethod.NewInvoice, json => RequestWriting.Write(json, request), InvoiceReading.CreatedInvoice, ct);
        if (created is not NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceAlreadyExists })
        {
            return created;
        }

        var existing = await FindInvoiceAsync(request.Preimage.Hash(request.HashAlgorithm), ct);

        // "It exists" and "there is none" within one breath: what holds is not known.
        return existing is NodeAnswer<HubInvoice>.Failed { Failure: NodeFailure.InvoiceNotFound }
            ? new NodeAnswer<HubInvoice>.Failed(NodeFailure.NoAnswer, "The node says that the invoice exists, and then that it doesn't.")
            : existing;
    }

    /// <inheritdoc />
    public Task<NodeAnswer<HubInvoice>> FindInvoiceAsync(PaymentHash hash, CancellationToken ct) =>
        CallAsync(NodeMethod.GetInvoice, By(hash), InvoiceReading.InvoiceWithStatus, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<HubInvoice>> ParseInvoiceAsync(string invoice, CancellationToken ct) =>
        InvoiceForm.Objection(invoice) is { } objection
            ? new NodeAnswer<HubInvoice>.Failed(NodeFailure.InvalidRequest, objection)
            : await CallAsync(
                NodeMethod.ParseInvoice,
                json => json.WriteString("invoice", invoice),
                result => InvoiceReading.ParsedInvoice(result, invoice),
                ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<HubInvoice>> CancelInvoiceAsync(PaymentHash hash, CancellationToken ct)
    {
        var attempt = await _caller.CallAsync(NodeMethod.CancelInvoice, By(hash), InvoiceReading.InvoiceWithStatus, ct);

        // Our own first attempt, whose answer was lost, may be what cancelled it.
        return attempt is { FollowsUnsure: true, Failed.Failure: NodeFailure.InvoiceAlreadyCancelled }
            ? await FindInvoiceAsync(hash, ct)
            : attempt.Answer;
    }

    /// <inheritdoc />
    public Task<NodeAnswer<PaymentHash>> SettleInvoiceAsync(PaymentHash hash, Preimage preimage, CancellationToken ct) =>
        CallAsync(
            NodeMethod.SettleInvoice,
            json =>
            {
                json.WriteString("payment_hash", hash.ToString());
                json.WriteString("payment_preimage", preimage.ToWire());
            },
            _ => hash,
            ct);

    /// <inheritdoc />
    public async Task<PaymentOutcome> SendPaymentAsync(PaymentRequest request, CancellationToken ct)
    {
        if (RequestWriting.Objection(request) is { } objection)
        {
            return new PaymentOutcome.NotSent(NodeFailure.InvalidRequest, objection);
        }

        var sent = await _caller.CallAsync(
            NodeMethod.SendPayment, json => RequestWriting.Write(json, request), PaymentReading.Payment, ct);
        return sent switch
        {
            { Answer: NodeAnswer<HubPayment>.Ok { Value: var payment } } => Checked(payment, request),
            { Reach: Reach.NotTried, Failed: { } failed } => new PaymentOutcome.NotSent(failed.Failure, failed.Detail),
            { Failed: { Failure: NodeFailure.Unreachable or NodeFailure.Unauthorized or NodeFailure.InvalidRequest } failed } =>
                new PaymentOutcome.NotSent(failed.Failure, failed.Detail),
            _ => await LookUpAsync(request, sent.Failed!, ct),
        };
    }

    /// <inheritdoc />
    public Task<NodeAnswer<HubPayment>> FindPaymentAsync(PaymentHash hash, CancellationToken ct) =>
        CallAsync(NodeMethod.GetPayment, By(hash), PaymentReading.Payment, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<PaymentPage>> ListPaymentsAsync(
        HubPaymentStatus? status, PaymentHash? after, int limit, CancellationToken ct)
    {
        if (limit is < 1 or > PageMax)
        {
            return new NodeAnswer<PaymentPage>.Failed(NodeFailure.InvalidRequest, $"A page has 1 to {PageMax} payments.");
        }

        return await CallAsync(
            NodeMethod.ListPayments,
            json =>
            {
                json.WriteString("limit", HexQuantity.Format((UInt128)limit));
                if (status is { } wanted)
                {
                    json.WriteString("status", wanted.ToString());
                }

                if (after is { } hash)
                {
                    json.WriteString("after", hash.ToString());
                }
            },
            result => PaymentReading.Page(result, limit),
            ct);
    }

    /// <inheritdoc />
    public Task<NodeAnswer<IReadOnlyList<HubChannel>>> ListChannelsAsync(bool withClosed, CancellationToken ct) =>
        CallAsync(NodeMethod.ListChannels, json => json.WriteBoolean("include_closed", withClosed), InfoReading.Channels, ct);

    /// <inheritdoc />
    public Task<NodeAnswer<IReadOnlyList<HubPeer>>> ListPeersAsync(CancellationToken ct) =>
        CallAsync(NodeMethod.ListPeers, null, InfoReading.Peers, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<UnsignedFunding>> AskForFundingAsync(ChannelOpening request, CancellationToken ct) =>
        FundingWriting.Objection(request) is { } objection
            ? new NodeAnswer<UnsignedFunding>.Failed(NodeFailure.InvalidRequest, objection)
            : await CallAsync(NodeMethod.OpenChannel, json => FundingWriting.Write(json, request), FundingWriting.Unsigned, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<SubmittedFunding>> SubmitFundingAsync(string channelId, string transaction, CancellationToken ct) =>
        (FundingWriting.ChannelObjection(channelId) ?? FundingWriting.TransactionObjection(transaction)) is { } objection
            ? new NodeAnswer<SubmittedFunding>.Failed(NodeFailure.InvalidRequest, objection)
            : await CallAsync(
                NodeMethod.SubmitFunding, json => FundingWriting.Write(json, channelId, transaction), FundingWriting.Submitted, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<string>> AbandonChannelAsync(string channelId, CancellationToken ct) =>
        FundingWriting.ChannelObjection(channelId) is { } objection
            ? new NodeAnswer<string>.Failed(NodeFailure.InvalidRequest, objection)
            : await CallAsync(NodeMethod.AbandonChannel, json => json.WriteString("channel_id", channelId), _ => channelId, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<string>> CloseChannelAsync(ChannelClosing request, CancellationToken ct) =>
        FundingWriting.Objection(request) is { } objection
            ? new NodeAnswer<string>.Failed(NodeFailure.InvalidRequest, objection)
            : await CallAsync(
                NodeMethod.ShutDownChannel, json => FundingWriting.Write(json, request), _ => request.ChannelId, ct);

    /// <summary>Ends the calls in flight, which have no answer then.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _line.DisposeAsync();
            _gate.Dispose();
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, waiting for it.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static Action<Utf8JsonWriter> By(PaymentHash hash) => json => json.WriteString("payment_hash", hash.ToString());

    private async Task<NodeAnswer<T>> CallAsync<T>(
        NodeMethod method, Action<Utf8JsonWriter>? parameters, Func<JsonElement, T> read, CancellationToken ct)
    {
        var answer = (await _caller.CallAsync(method, parameters, read, ct)).Answer;

        // A node says the same of a token that is not enough and of a method that it doesn't have; its version tells them apart.
        return method.KnownSince is { } since
            && answer is NodeAnswer<T>.Failed { Failure: NodeFailure.Unauthorized } failed
            && await IsOlderAsync(since, ct)
                ? failed with { Failure = NodeFailure.NotOffered, Detail = $"The node's version is older than {since}. {failed.Detail}" }
                : answer;
    }

    private async Task<bool> IsOlderAsync(NodeVersion than, CancellationToken ct) =>
        (_gate.Known ?? (await _caller.AskAsync(ct)).Answer.ValueOrDefault()) is { } info
        && NodeVersion.TryParse(info.Version, out var version)
        && version < than;

    /// <summary>A refusal is not trusted, and neither is silence: what the node has decides.</summary>
    private async Task<PaymentOutcome> LookUpAsync(PaymentRequest request, NodeAnswer<HubPayment>.Failed failed, CancellationToken ct) =>
        await FindPaymentAsync(request.PaymentHash, ct) switch
        {
            NodeAnswer<HubPayment>.Ok { Value: var payment } => Checked(payment, request),
            NodeAnswer<HubPayment>.Failed { Failure: NodeFailure.PaymentNotFound }
                when failed.Failure is NodeFailure.Rejected && failed.Detail.Contains(PaymentTexts.Validation, StringComparison.Ordinal) =>
                new PaymentOutcome.Refused(PaymentTexts.Failure(failed.Detail)),
            NodeAnswer<HubPayment>.Failed look => new PaymentOutcome.Unknown($"{failed.Detail} Looked up: {look.Failure}."),
            _ => new PaymentOutcome.Unknown(failed.Detail),
        };

    private static PaymentOutcome Checked(HubPayment payment, PaymentRequest request) =>
        payment.PaymentHash == request.PaymentHash
            ? new PaymentOutcome.Known(payment)
            : new PaymentOutcome.Unknown($"The node answers with another payment, {payment.PaymentHash}.");
}
