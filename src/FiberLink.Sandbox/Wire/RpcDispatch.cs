using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Wire;

/// <summary>From a body to a body: single calls, batches and notifications, with the faults that are switched on.</summary>
internal sealed class RpcDispatch(
    InvoiceMethods invoices, PaymentMethods payments, ChannelMethods channels, FundingMethods funding, NodeMethods node, Faults faults)
    : IAnswerCalls
{
    private const string SubscribeMethod = "subscribe_store_changes";

    private readonly ConcurrentDictionary<string, long> _calls = new(StringComparer.Ordinal);

    /// <summary>How often each known method was called.</summary>
    public IReadOnlyDictionary<string, long> Calls => _calls;

    /// <summary>Null where nothing is answered: a notification, or a batch of nothing else.</summary>
    /// <param name="body">What was sent.</param>
    /// <param name="subscribe">Takes who sent it into the subscription; null where there is no line to tell on.</param>
    public async Task<JsonNode?> AnswerAsync(ReadOnlyMemory<byte> body, Func<int>? subscribe)
    {
        JsonNode? request;
        try
        {
            request = JsonNode.Parse(body.Span);
        }
        catch (JsonException)
        {
            return new RpcReply.Error(RpcReply.ParseError, "Parse error").ToEnvelope(id: null);
        }

        if (request is not JsonArray batch)
        {
            return await AnswerOneAsync(request, subscribe);
        }

        if (batch.Count == 0)
        {
            return InvalidRequest();
        }

        var answers = new JsonArray();
        foreach (var call in batch)
        {
            if (await AnswerOneAsync(call, subscribe) is { } answer)
            {
                answers.Add(answer);
            }
        }

        return answers.Count == 0 ? null : answers;
    }

    public void ForgetCalls() => _calls.Clear();

    private async Task<JsonObject?> AnswerOneAsync(JsonNode? request, Func<int>? subscribe)
    {
        if (request is not JsonObject call
            || call["jsonrpc"] is not JsonValue version || !version.TryGetValue<string>(out var text) || text != "2.0"
            || call["method"] is not JsonValue name || !name.TryGetValue<string>(out var method))
        {
            return InvalidRequest();
        }

        var reply = method == SubscribeMethod ? Subscribe(subscribe) : await ExecuteAsync(method, call["params"]);
        if (faults.CallsAreDoubled && method != SubscribeMethod)
        {
            reply = await ExecuteAsync(method, call["params"]);
        }

        return call.TryGetPropertyValue("id", out var id) ? reply.ToEnvelope(id) : null;
    }

    private RpcReply Subscribe(Func<int>? subscribe)
    {
        _calls.AddOrUpdate(SubscribeMethod, 1, (_, count) => count + 1);
        return !faults.HasPubsub ? new RpcReply.Error(RpcReply.Unauthorized, "Unauthorized")
            : subscribe is null ? new RpcReply.Error(RpcReply.InternalError, "Internal error")
            : new RpcReply.Number(subscribe());
    }

    private async Task<RpcReply> ExecuteAsync(string method, JsonNode? parameters)
    {
        if (Find(method) is not { } execute)
        {
            // The node knows its methods by the rules of who may call them: one without a rule is forbidden, not unknown.
            return new RpcReply.Error(RpcReply.Unauthorized, "Unauthorized");
        }

        _calls.AddOrUpdate(method, 1, (_, count) => count + 1);
        if (faults.TakeRefusal(method) is { } message)
        {
            return new RpcReply.Error(RpcReply.ApplicationError, message);
        }

        try
        {
            PanicIfSo(method, parameters);
            return await execute(parameters);
        }
        catch (FormatException e)
        {
            return new RpcReply.Error(RpcReply.InvalidParams, "Invalid params", JsonValue.Create(e.Message));
        }
    }

    // A parsed text takes the request with it, one that is to be paid the whole node.
    private void PanicIfSo(string method, JsonNode? parameters)
    {
        if (!faults.Panics || method is not ("parse_invoice" or "send_payment")
            || MethodParameters.From(parameters).OptionalText("invoice") is not { } text || !PanickingText.Is(text))
        {
            return;
        }

        if (method == "send_payment")
        {
            faults.Die();
        }

        throw new NodePanicException();
    }

    private Func<JsonNode?, Task<RpcReply>>? Find(string method) => method switch
    {
        "open_channel_with_external_funding" => p => funding.OpenAsync(MethodParameters.From(p)),
        "submit_signed_funding_tx" => p => funding.SubmitAsync(MethodParameters.From(p)),
        "abandon_channel" => p => Task.FromResult(funding.Abandon(MethodParameters.From(p))),
        "shutdown_channel" => p => funding.ShutDownAsync(MethodParameters.From(p)),
        "list_channels" => p => funding.ListAsync(MethodParameters.From(p)),
        _ => FindAtOnce(method) is { } execute ? p => Task.FromResult(execute(p)) : null,
    };

    private Func<JsonNode?, RpcReply>? FindAtOnce(string method) => method switch
    {
        "node_info" => _ => new RpcReply.Result(node.Info()),
        "list_peers" => _ => new RpcReply.Result(channels.Peers()),
        "new_invoice" => p => invoices.New(MethodParameters.From(p)),
        "parse_invoice" => p => InvoiceMethods.Parse(MethodParameters.From(p)),
        "get_invoice" => p => invoices.Get(MethodParameters.From(p)),
        "cancel_invoice" => p => invoices.Cancel(MethodParameters.From(p)),
        "settle_invoice" => p => invoices.Settle(MethodParameters.From(p)),
        "send_payment" => p => payments.Send(MethodParameters.From(p)),
        "get_payment" => p => payments.Get(MethodParameters.From(p)),
        "list_payments" => p => payments.List(MethodParameters.From(p)),
        _ => null,
    };

    private static JsonObject InvalidRequest() =>
        new RpcReply.Error(RpcReply.InvalidRequest, "Invalid request").ToEnvelope(id: null);
}
