using System.Text;
using System.Text.Json;
using FiberLink.HubNode.JsonRpc;

namespace FiberLink.HubNode;

/// <summary>A real Fiber node (FNN 0.8) over HTTP.</summary>
public sealed class JsonRpcHubNode : IHubNode, IDisposable
{
    private readonly NodeTransport _transport;
    private readonly HubNodeOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turns;
    private long _lastId;

    /// <param name="http">The caller's, who also disposes it. Its own timeout should not be the shorter one.</param>
    /// <param name="options">Checked by the caller.</param>
    /// <param name="time">Deadlines are kept by this clock.</param>
    public JsonRpcHubNode(HttpClient http, HubNodeOptions options, TimeProvider time)
    {
        _transport = new NodeTransport(http, options);
        _options = options;
        _time = time;
        _turns = new SemaphoreSlim(options.CallsInFlightMax, options.CallsInFlightMax);
    }

    /// <inheritdoc />
    public Task<NodeAnswer<NodeInfo>> GetInfoAsync(CancellationToken ct) =>
        CallAsync("node_info", null, AnswerReading.Info, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<HubInvoice>> CreateInvoiceAsync(NewInvoice request, CancellationToken ct)
    {
        if (Objection(request) is { } objection)
        {
            return new NodeAnswer<HubInvoice>.Failed(NodeFailure.InvalidRequest, objection);
        }

        var created = await CallAsync("new_invoice", json => Write(json, request), AnswerReading.CreatedInvoice, ct);
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
        CallAsync("get_invoice", json => json.WriteString("payment_hash", hash.ToString()), AnswerReading.InvoiceWithStatus, ct);

    /// <inheritdoc />
    public async Task<NodeAnswer<HubInvoice>> ParseInvoiceAsync(string invoice, CancellationToken ct) =>
        InvoiceForm.Objection(invoice) is { } objection
            ? new NodeAnswer<HubInvoice>.Failed(NodeFailure.InvalidRequest, objection)
            : await CallAsync(
                "parse_invoice",
                json => json.WriteString("invoice", invoice),
                result => AnswerReading.ParsedInvoice(result, invoice),
                ct);

    /// <inheritdoc />
    public Task<NodeAnswer<HubInvoice>> CancelInvoiceAsync(PaymentHash hash, CancellationToken ct) =>
        CallAsync("cancel_invoice", json => json.WriteString("payment_hash", hash.ToString()), AnswerReading.InvoiceWithStatus, ct);

    public void Dispose() => _turns.Dispose();

    private async Task<NodeAnswer<T>> CallAsync<T>(
        string method, Action<Utf8JsonWriter>? parameters, Func<JsonElement, T> read, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var activity = NodeCallTelemetry.Start(method);
        var startedAt = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(_options.CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            var answer = await TakeTurnAsync(new(Interlocked.Increment(ref _lastId), method, parameters), read, either.Token, ct);
            var failure = answer is NodeAnswer<T>.Failed failed ? failed.Failure : (NodeFailure?)null;
            NodeCallTelemetry.Stop(activity, method, failure, _time.GetElapsedTime(startedAt));
            return answer;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            NodeCallTelemetry.StopCancelled(activity, method, _time.GetElapsedTime(startedAt));

            // The token thrown with is the linked one; callers compare with their own.
            throw new OperationCanceledException(ct);
        }
    }

    private async Task<NodeAnswer<T>> TakeTurnAsync<T>(
        RpcCall call, Func<JsonElement, T> read, CancellationToken either, CancellationToken callers)
    {
        try
        {
            await _turns.WaitAsync(either);
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return NoTurn<T>();
        }

        try
        {
            // The turn may have come at the very end of the time; sending now would only make the outcome unknown.
            return either.IsCancellationRequested && !callers.IsCancellationRequested
                ? NoTurn<T>()
                : await _transport.SendAsync(call, read, either);
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return new NodeAnswer<T>.Failed(NodeFailure.NoAnswer, $"No answer within {_options.CallTimeout}.");
        }
        finally
        {
            _turns.Release();
        }
    }

    private NodeAnswer<T>.Failed NoTurn<T>() =>
        new(NodeFailure.Unreachable, $"No turn within {_options.CallTimeout}: too many calls in flight.");

    private static string? Objection(NewInvoice request) => request switch
    {
        { Amount: var amount } when amount == UInt128.Zero => "An invoice of zero is paid by any amount.",
        { Preimage.IsUnset: true } => "The preimage is not set.",
        { Expiry: var expiry } when expiry < TimeSpan.FromSeconds(1) || expiry.Ticks % TimeSpan.TicksPerSecond != 0 =>
            "An invoice expires after whole seconds, at least one.",
        { Description: { } text } when Encoding.UTF8.GetByteCount(text) > NewInvoice.DescriptionBytesMax =>
            $"A description has at most {NewInvoice.DescriptionBytesMax} bytes.",
        { Description: { } text } when Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) != text =>
            "The description is not Unicode.",
        _ when !Enum.IsDefined(request.Currency) || !Enum.IsDefined(request.HashAlgorithm) =>
            "The currency or the hash algorithm is none that we know.",
        _ => null,
    };

    private static void Write(Utf8JsonWriter json, NewInvoice request)
    {
        json.WriteString("amount", HexQuantity.Format(request.Amount));
        json.WriteString("currency", request.Currency.ToString());
        json.WriteString("payment_preimage", request.Preimage.ToWire());
        json.WriteString("hash_algorithm", request.HashAlgorithm == InvoiceHashAlgorithm.Sha256 ? "sha256" : "ckb_hash");
        json.WriteString("expiry", HexQuantity.Format((UInt128)(request.Expiry.Ticks / TimeSpan.TicksPerSecond)));
        if (request.Description is { } description)
        {
            json.WriteString("description", description);
        }

        if (request.UdtTypeScript is { } script)
        {
            json.WriteStartObject("udt_type_script");
            json.WriteString("code_hash", script.CodeHash);
            json.WriteString("hash_type", script.HashType);
            json.WriteString("args", script.Args);
            json.WriteEndObject();
        }
    }
}
