using FiberLink.HubNode;
using FiberLink.Sandbox.Channels;
using FiberLink.Sandbox.Control;
using FiberLink.Sandbox.State;

namespace FiberLink.Sandbox.Payments;

/// <summary>
/// The node's own payments and the rules of their life, in the node's own words: Created, Inflight, then Success or Failed. What is under
/// way when the node stops is under way when it starts again, and ends then.
/// </summary>
internal sealed class PaymentBook
{
    public const int PaymentsMax = 1_000_000;

    /// <summary>How long one is Created.</summary>
    public static readonly TimeSpan HandOver = TimeSpan.FromMilliseconds(20);

    /// <summary>How long one is Inflight, unless it is held.</summary>
    public static readonly TimeSpan Travel = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);

    // While the node works on a payment it has another text for somebody who sends it again.
    private static readonly TimeSpan WorkedOn = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HopExpiryDelta = TimeSpan.FromHours(4);

    private readonly Lock _lock = new();
    private readonly Dictionary<PaymentHash, SandboxPayment> _payments = [];
    private readonly StateJournal? _journal;
    private readonly ChannelBook _channels;
    private readonly PaymentRoutes _routes;
    private readonly Payees _payees;
    private readonly PaymentFates _fates;
    private readonly ScheduledPayments _scheduled;
    private readonly Action<SandboxPayment, string?> _changed;
    private readonly TimeProvider _time;

    /// <param name="journal">Null keeps them in memory.</param>
    /// <param name="kept">Those of an earlier run, each as often as it changed.</param>
    /// <param name="channels">What payments go out by.</param>
    /// <param name="identity">Who is in the network.</param>
    /// <param name="payees">What becomes of a payment is theirs to say.</param>
    /// <param name="scheduled">Ends payments in their time.</param>
    /// <param name="changed">Told of each change that the node tells of, with the preimage where it has come to know one.</param>
    /// <param name="time">When is when.</param>
    public PaymentBook(
        StateJournal? journal,
        IEnumerable<SandboxPayment> kept,
        ChannelBook channels,
        SandboxIdentity identity,
        Payees payees,
        ScheduledPayments scheduled,
        Action<SandboxPayment, string?> changed,
        TimeProvider time)
    {
        (_journal, _channels, _payees, _scheduled, _changed, _time) = (journal, channels, payees, scheduled, changed, time);
        (_routes, _fates) = (new(channels, identity), new(payees));
        foreach (var payment in kept)
        {
            _payments[payment.Hash] = payment;
        }

        foreach (var payment in _payments.Values)
        {
            Restore(payment);
        }
    }

    /// <summary>Sends one. A refusal may leave a failed payment behind, as the node's does.</summary>
    /// <param name="order">Checked.</param>
    /// <param name="isDry">Nothing is sent and nothing kept: only whether it could be, and what it would cost.</param>
    public PaymentAnswer Send(PaymentOrder order, bool isDry)
    {
        lock (_lock)
        {
            if (_payments.TryGetValue(order.Hash, out var earlier) && Objection(earlier) is { } objection)
            {
                return new PaymentAnswer.Refused(objection);
            }

            if (earlier is null && _payments.Count >= PaymentsMax)
            {
                return new PaymentAnswer.Refused($"The sandbox keeps at most {PaymentsMax} payments.");
            }

            var (parts, fee, fault) = _routes.Find(order);
            var payment = New(order) with { Fee = fee, Parts = earlier?.Parts.Where(p => p.End == PartEnd.Taken).ToArray() ?? [] };
            return fault is not null ? Refuse(payment, fault, isDry)
                : isDry ? new PaymentAnswer.Done(payment)
                : Leave(payment, parts, order);
        }
    }

    public SandboxPayment? Find(PaymentHash hash)
    {
        lock (_lock)
        {
            return _payments.GetValueOrDefault(hash);
        }
    }

    /// <summary>In the order of their hashes.</summary>
    public IReadOnlyList<SandboxPayment> All()
    {
        lock (_lock)
        {
            return [.. _payments.Values.OrderBy(p => p.Hash.ToString(), StringComparer.Ordinal)];
        }
    }

    /// <summary>What becomes of the next so many payments of whom nothing else is known.</summary>
    public void Decide(PaymentFate fate, int count)
    {
        lock (_lock)
        {
            _fates.Decide(fate, count);
        }
    }

    /// <summary>The payee takes it now; also one that was reported as failed while it was under way.</summary>
    /// <param name="hash">Which.</param>
    /// <param name="isTold">For that one: whether its status says so. FNN 0.8 leaves it at Failed.</param>
    public PaymentAnswer Succeed(PaymentHash hash, bool isTold) => Change(hash, payment =>
        !payment.IsUnderWay ? new PaymentAnswer.Refused($"payment is not under way, current status: {payment.Status}")
        : End(payment, PartEnd.Taken, payment.Status == HubPaymentStatus.Failed && !isTold ? payment.Status : HubPaymentStatus.Success));

    /// <summary>It comes back now.</summary>
    public PaymentAnswer Fail(PaymentHash hash, string error) => Change(hash, payment =>
        !payment.IsUnderWay ? new PaymentAnswer.Refused($"payment is not under way, current status: {payment.Status}")
        : End(payment, PartEnd.GivenBack, HubPaymentStatus.Failed, payment.FailedError ?? error));

    private string? Objection(SandboxPayment earlier) => earlier switch
    {
        { IsFinal: false } when Now() - earlier.CreatedAt < (long)WorkedOn.TotalMilliseconds =>
            $"Payment session already exists, stop start new payment actor for Hash256({earlier.Hash})",
        { Status: not HubPaymentStatus.Failed } =>
            $"InvalidParameter: Payment session already exists: Hash256({earlier.Hash}) with payment session status: {earlier.Status}",
        { IsUnderWay: true } =>
            $"InvalidParameter: Payment session Hash256({earlier.Hash}) has attempts that are in flight state, can not retry",
        _ => null,
    };

    private SandboxPayment New(PaymentOrder order) => new()
    {
        Hash = order.Hash,
        Payee = order.Payee,
        Amount = order.Amount,
        UdtScript = order.UdtScript,
        Invoice = order.Invoice,
        FeeMax = order.FeeMax,
        Status = HubPaymentStatus.Created,
        CreatedAt = Now(),
        LastUpdatedAt = Now(),
        AllowsMultiPart = order.AllowsMultiPart,
        CustomRecords = order.CustomRecords,
        Fate = PaymentFate.Success,
    };

    private PaymentAnswer.Refused Refuse(SandboxPayment payment, string fault, bool isDry)
    {
        if (!isDry)
        {
            Keep(payment with { Status = HubPaymentStatus.Failed, FailedError = fault, Fate = new(PaymentEnding.Fails, fault) });
        }

        return new(fault);
    }

    private PaymentAnswer Leave(SandboxPayment payment, IReadOnlyList<(int Channel, UInt128 Amount)> parts, PaymentOrder order)
    {
        var expiry = Now() + (long)order.FinalExpiryDelta + (long)HopExpiryDelta.TotalMilliseconds;
        if (_channels.TrySend(order.Hash, parts, expiry) is not { } held)
        {
            return Refuse(payment with { Fee = 0 }, "Failed to send onion packet with error TemporaryChannelFailure", isDry: false);
        }

        var fate = _fates.Take(order, isTaken: payment.Parts.Count > 0);
        payment = payment with
        {
            Parts = [.. payment.Parts, .. held.Select(tlc => new PaymentPart(tlc, PartEnd.None))],
            Fate = fate,
            EndsAt = fate.Ending == PaymentEnding.IsHeld ? null : Now() + (long)(HandOver + Travel).TotalMilliseconds,
        };
        Keep(payment);
        Wait(payment);
        return new PaymentAnswer.Done(payment);
    }

    private void Wait(SandboxPayment payment)
    {
        if (payment.Status == HubPaymentStatus.Created)
        {
            _scheduled.TrySchedule(HandOver, () => Advance(payment.Hash, payment.CreatedAt));
        }
        else if (payment is { Status: HubPaymentStatus.Inflight, EndsAt: { } end })
        {
            var left = TimeSpan.FromMilliseconds(end - Now());
            _scheduled.TrySchedule(left > Soon ? left : Soon, () => Advance(payment.Hash, payment.CreatedAt));
        }
    }

    // Another payment of the same hash, after this one has failed, is none of this wait's business.
    private void Advance(PaymentHash hash, long createdAt)
    {
        lock (_lock)
        {
            switch (_payments.GetValueOrDefault(hash))
            {
                case { Status: HubPaymentStatus.Created } payment when payment.CreatedAt == createdAt:
                    var left = payment with { Status = HubPaymentStatus.Inflight };
                    Keep(left);
                    Wait(left);
                    break;
                case { Status: HubPaymentStatus.Inflight, EndsAt: not null } payment when payment.CreatedAt == createdAt:
                    End(payment);
                    break;
            }
        }
    }

    private void End(SandboxPayment payment)
    {
        switch (payment.Fate)
        {
            case { Ending: PaymentEnding.Succeeds }:
                End(payment, PartEnd.Taken, HubPaymentStatus.Success);
                break;
            case { Ending: PaymentEnding.Fails, Error: var error }:
                End(payment, PartEnd.GivenBack, HubPaymentStatus.Failed, error);
                break;
            case { Ending: PaymentEnding.FailsUnderWay, Error: var error }:
                Keep(payment with { Status = HubPaymentStatus.Failed, FailedError = error, LastUpdatedAt = Now() });
                break;
        }
    }

    private PaymentAnswer.Done End(SandboxPayment payment, PartEnd end, HubPaymentStatus status, string? error = null)
    {
        foreach (var part in payment.Parts.Where(p => p.End == PartEnd.None))
        {
            _channels.End(part.Tlc, isOutbound: true, isSettled: end == PartEnd.Taken);
        }

        var ended = payment with
        {
            Status = status,
            FailedError = status == HubPaymentStatus.Failed ? error ?? payment.FailedError : null,
            Fee = end == PartEnd.Taken ? payment.Fee : 0,
            LastUpdatedAt = status == HubPaymentStatus.Failed ? Now() : payment.LastUpdatedAt,
            Parts = [.. payment.Parts.Select(p => p.End == PartEnd.None ? p with { End = end } : p)],
        };
        Keep(ended, end == PartEnd.Taken ? _payees.Find(payment.Hash)?.Preimage : null);
        return new(ended);
    }

    private PaymentAnswer Change(PaymentHash hash, Func<SandboxPayment, PaymentAnswer> change)
    {
        lock (_lock)
        {
            return _payments.TryGetValue(hash, out var payment) ? change(payment) : new PaymentAnswer.Refused("payment not found");
        }
    }

    private void Keep(SandboxPayment payment, string? preimage = null)
    {
        _journal?.Append(new(Payment: payment));
        _payments[payment.Hash] = payment;
        if (payment.Status != HubPaymentStatus.Inflight)
        {
            _changed(payment, preimage);
        }
    }

    private void Restore(SandboxPayment payment)
    {
        foreach (var part in payment.Parts)
        {
            if (part.End == PartEnd.None)
            {
                _channels.Restore(payment.Hash, part.Tlc, isOutbound: true);
            }
            else if (part.End == PartEnd.Taken)
            {
                _channels.RestoreMove(part.Tlc, isOutbound: true);
            }
        }

        Wait(payment);
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
