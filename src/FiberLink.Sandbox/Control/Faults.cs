using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;

namespace FiberLink.Sandbox.Control;

/// <summary>What is told instead of the truth about one invoice; null leaves the truth.</summary>
internal sealed record FalseReport(UInt128? Amount, UdtScript? UdtScript, PaymentHash? PaymentHash);

/// <summary>Everything that is switched to go wrong.</summary>
internal sealed class Faults(TimeProvider time, int? seed)
{
    public const int ReportsMax = 1_000;
    public const int RefusalsMax = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<PaymentHash, FalseReport> _reports = [];
    private readonly Dictionary<string, (string Message, int Left)> _refusals = new(StringComparer.Ordinal);
    private DateTimeOffset? _awayUntil;
    private Latency _latency = Latency.None;
    private SeededChance _latencyChance = new(seed ?? 0);
    private int _answersToLose;
    private bool _callsAreDoubled;
    private bool _answersAreDoubled;
    private bool _answersAreReordered;
    private bool _panics;
    private bool _isDead;
    private bool _hasPubsub = true;
    private (double Before, double After) _cuts;
    private SeededChance _chance = new(seed ?? 0);

    /// <summary>Connections are cut without an answer, and nothing is executed.</summary>
    public bool IsAway
    {
        get
        {
            lock (_lock)
            {
                return _isDead || (_awayUntil is { } until && time.GetUtcNow() < until);
            }
        }
    }

    /// <summary>How long the next call waits; each asking draws anew.</summary>
    public TimeSpan TakeDelay()
    {
        lock (_lock)
        {
            return _latency.Next(_latencyChance);
        }
    }

    /// <summary>On a WebSocket, of two answers the later is sent first.</summary>
    public bool AnswersAreReordered
    {
        get
        {
            lock (_lock)
            {
                return _answersAreReordered;
            }
        }
    }

    /// <summary>Whether texts that make a real node panic make this one panic.</summary>
    public bool Panics
    {
        get
        {
            lock (_lock)
            {
                return _panics;
            }
        }
    }

    public bool CallsAreDoubled
    {
        get
        {
            lock (_lock)
            {
                return _callsAreDoubled;
            }
        }
    }

    /// <summary>On a WebSocket, each answer is sent twice.</summary>
    public bool AnswersAreDoubled
    {
        get
        {
            lock (_lock)
            {
                return _answersAreDoubled;
            }
        }
    }

    /// <summary>Whether the node tells of changes at all; a real one does not unless it is set to.</summary>
    public bool HasPubsub
    {
        get
        {
            lock (_lock)
            {
                return _hasPubsub;
            }
        }
    }

    /// <param name="duration">Null until told to come back.</param>
    public void GoAway(TimeSpan? duration) => Set(() => _awayUntil = duration is { } d ? time.GetUtcNow() + d : DateTimeOffset.MaxValue);

    /// <summary>Back from wherever it was; also started again, if a panic has ended it.</summary>
    public void ComeBack() => Set(() => (_awayUntil, _isDead) = (null, false));

    /// <summary>It is there no more until it is started again.</summary>
    public void Die() => Set(() => _isDead = true);

    public void AnswerAfter(Latency latency, int from) => Set(() => (_latency, _latencyChance) = (latency, new(from)));

    public void ReorderAnswers(bool on) => Set(() => _answersAreReordered = on);

    public void PanicOnMalformed(bool on) => Set(() => _panics = on);

    public void LoseAnswers(int count) => Set(() => _answersToLose = count);

    public void DoubleCalls(bool on) => Set(() => _callsAreDoubled = on);

    public void DoubleAnswers(bool on) => Set(() => _answersAreDoubled = on);

    public void OfferPubsub(bool on) => Set(() => _hasPubsub = on);

    /// <summary>Cuts connections by chance, in the same order for the same seed.</summary>
    /// <param name="before">The share of calls that are not executed.</param>
    /// <param name="after">The share of calls that are executed and not answered.</param>
    /// <param name="from">Where the accidents begin.</param>
    public void Cut(double before, double after, int from) => Set(() => (_cuts, _chance) = ((before, after), new(from)));

    public bool TakeCutBefore()
    {
        lock (_lock)
        {
            return _chance.Strikes(_cuts.Before);
        }
    }

    public bool TakeCutAfter()
    {
        lock (_lock)
        {
            return _chance.Strikes(_cuts.After);
        }
    }

    /// <summary>False when there are too many already.</summary>
    public bool TryReport(PaymentHash hash, FalseReport report)
    {
        lock (_lock)
        {
            if (_reports.Count >= ReportsMax && !_reports.ContainsKey(hash))
            {
                return false;
            }

            _reports[hash] = report;
            return true;
        }
    }

    /// <summary>False when there are too many already.</summary>
    public bool TryRefuse(string method, string message, int count)
    {
        lock (_lock)
        {
            if (_refusals.Count >= RefusalsMax && !_refusals.ContainsKey(method))
            {
                return false;
            }

            _refusals[method] = (message, count);
            return true;
        }
    }

    public SandboxInvoice Reported(SandboxInvoice invoice)
    {
        lock (_lock)
        {
            return _reports.TryGetValue(invoice.PaymentHash, out var report)
                ? invoice with
                {
                    Amount = report.Amount ?? invoice.Amount,
                    UdtScript = report.UdtScript ?? invoice.UdtScript,
                    PaymentHash = report.PaymentHash ?? invoice.PaymentHash,
                }
                : invoice;
        }
    }

    /// <summary>The refusal's text, as often as was asked for.</summary>
    public string? TakeRefusal(string method)
    {
        lock (_lock)
        {
            if (!_refusals.TryGetValue(method, out var refusal) || refusal.Left <= 0)
            {
                return null;
            }

            _refusals[method] = refusal with { Left = refusal.Left - 1 };
            return refusal.Message;
        }
    }

    public bool TakeLostAnswer()
    {
        lock (_lock)
        {
            if (_answersToLose <= 0)
            {
                return false;
            }

            _answersToLose--;
            return true;
        }
    }

    public void Reset() => Set(() =>
    {
        (_awayUntil, _isDead, _latency, _answersToLose, _callsAreDoubled) = (null, false, Latency.None, 0, false);
        (_answersAreReordered, _panics) = (false, false);
        (_answersAreDoubled, _hasPubsub, _cuts) = (false, true, (0, 0));
        _reports.Clear();
        _refusals.Clear();
    });

    private void Set(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }
}
