using System.Text.Json.Nodes;
using System.Threading.Channels;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;
using FiberLink.Sandbox.Payments;
using FiberLink.Sandbox.Wire;

namespace FiberLink.Sandbox.Subscriptions;

/// <summary>
/// What the node tells its subscribers, with the ways of FNN 0.8: nothing is repeated, nothing is kept for who comes later, one slow
/// subscriber holds up the others, and a burst that is too long ends the telling for everybody until the node is started anew, while
/// the connections stay open.
/// </summary>
internal sealed class StoreChanges : IAsyncDisposable
{
    /// <summary>What waits to be told when nothing else was asked for. The real node has room for ten.</summary>
    private const int WaitingMax = 100_000;

    private readonly Lock _lock = new();
    private readonly List<ISubscriber> _subscribers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<JsonObject> _waiting = Channel.CreateUnbounded<JsonObject>(new() { SingleReader = true });
    private readonly SeededChance _chance;
    private readonly Task _telling;
    private int _lastId;
    private int _waitingCount;
    private int _burstMax = WaitingMax;
    private double _dropped;
    private bool _isSilent;

    public StoreChanges(int? seed)
    {
        _chance = new SeededChance(seed ?? 0);
        _telling = TellAsync();
    }

    /// <summary>What goes wrong from now on; it is put right by restarting alone, as far as it has gone wrong.</summary>
    /// <param name="burstMax">More changes than this waiting to be told end the telling; null for more than ever come.</param>
    /// <param name="dropped">The share of changes that nobody hears of, 0 to 1.</param>
    /// <param name="isSilent">Whether nothing is told at all.</param>
    public void Spoil(int? burstMax, double dropped, bool isSilent)
    {
        lock (_lock)
        {
            (_burstMax, _dropped, _isSilent) = (burstMax ?? WaitingMax, dropped, isSilent);
        }
    }

    /// <summary>Takes a subscriber in; it hears of what happens from here on.</summary>
    /// <returns>The subscription's number.</returns>
    public int Subscribe(ISubscriber subscriber)
    {
        lock (_lock)
        {
            _subscribers.Add(subscriber);
            return ++_lastId;
        }
    }

    public void Leave(ISubscriber subscriber)
    {
        lock (_lock)
        {
            _subscribers.RemoveAll(s => s == subscriber);
        }
    }

    public void InvoiceChanged(SandboxInvoice invoice) => Put("PutCkbInvoiceStatus", new JsonObject
    {
        ["payment_hash"] = invoice.PaymentHash.ToString(),
        ["invoice_status"] = invoice.StoredStatus.ToString(),
    });

    /// <summary>The node tells its own preimages too.</summary>
    public void PreimageStored(PaymentHash hash, string preimage) => Put("PutPreimage", new JsonObject
    {
        ["payment_hash"] = hash.ToString(),
        ["payment_preimage"] = preimage,
    });

    /// <summary>The node tells of a preimage before it tells that the payment has succeeded.</summary>
    /// <param name="payment">As it is now.</param>
    /// <param name="preimage">What the payee has given for it; null while nothing was given.</param>
    public void PaymentChanged(SandboxPayment payment, string? preimage)
    {
        if (preimage is not null)
        {
            PreimageStored(payment.Hash, preimage);
        }

        Put("PutPaymentSession", new JsonObject
        {
            ["payment_hash"] = payment.Hash.ToString(),
            ["payment_session"] = PaymentJson.WriteSession(payment),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _telling;
        _stop.Dispose();
    }

    private void Put(string kind, JsonObject change)
    {
        lock (_lock)
        {
            if (_isSilent || _chance.Strikes(_dropped))
            {
                return;
            }

            if (_waitingCount >= _burstMax)
            {
                // As if it had been told so: only a restart makes it speak again.
                _isSilent = true;
                return;
            }

            _waitingCount++;
            _waiting.Writer.TryWrite(new JsonObject { [kind] = change });
        }
    }

    private async Task TellAsync()
    {
        try
        {
            await foreach (var change in _waiting.Reader.ReadAllAsync(_stop.Token))
            {
                ISubscriber[] subscribers;
                lock (_lock)
                {
                    _waitingCount--;
                    subscribers = [.. _subscribers];
                }

                foreach (var subscriber in subscribers)
                {
                    await subscriber.TellAsync(change, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }
}

/// <summary>Somebody who listens.</summary>
internal interface ISubscriber
{
    /// <summary>Tells one change; whoever has gone is told in vain.</summary>
    Task TellAsync(JsonObject change, CancellationToken ct);
}
