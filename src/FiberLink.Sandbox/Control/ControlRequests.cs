using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;
using FiberLink.Sandbox.Subscriptions;
using FiberLink.Sandbox.Wire;

namespace FiberLink.Sandbox.Control;

/// <summary>What an operator of the sandbox can make happen, one verb to a path under <c>/sandbox/</c>.</summary>
internal sealed class ControlRequests(
    InvoiceBook book,
    Faults faults,
    RpcDispatch dispatch,
    ScheduledPayments scheduled,
    StoreChanges changes,
    PaymentControl payments,
    NodeClock time) : IAnswerControl
{
    /// <summary>The longest delay or absence that can be asked for.</summary>
    private const long MillisecondsMax = 24 * 60 * 60 * 1000;

    public ControlAnswer Answer(string httpMethod, string verb, byte[] body)
    {
        try
        {
            return (httpMethod, verb) switch
            {
                ("GET", "invoices") => new ControlAnswer.Done(book.All().Select(Listed).ToArray()),
                ("GET", "calls") => new ControlAnswer.Done(new SortedDictionary<string, long>(dispatch.Calls.ToDictionary())),
                ("POST", "pay") => Pay(ControlReading.Read<ControlWire.Pay>(body)),
                ("POST", "hold") => Change(ControlReading.Read<ControlWire.InvoiceChoice>(body), book.Hold),
                ("POST", "settle") => Change(ControlReading.Read<ControlWire.InvoiceChoice>(body), book.SettleWithoutPreimage),
                ("POST", "cancel") => Change(ControlReading.Read<ControlWire.InvoiceChoice>(body), book.Cancel),
                ("POST", "expire-now") => Change(ControlReading.Read<ControlWire.InvoiceChoice>(body), book.ExpireNow),
                ("POST", "report") => Report(ControlReading.Read<ControlWire.Report>(body)),
                ("POST", "away") => Switch(ControlReading.Read<ControlWire.Away>(body).ForMs is { } ms
                    ? () => faults.GoAway(Duration(ms))
                    : () => faults.GoAway(null)),
                ("POST", "back") => Switch(faults.ComeBack),
                ("POST", "slow") => Slow(ControlReading.Read<ControlWire.Slow>(body)),
                ("POST", "reorder") => Switch(() => faults.ReorderAnswers(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "panic") => Switch(() => faults.PanicOnMalformed(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "lose-answers") => LoseAnswers(ControlReading.Read<ControlWire.LoseAnswers>(body)),
                ("POST", "twice") => Switch(() => faults.DoubleCalls(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "answers-twice") => Switch(() => faults.DoubleAnswers(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "skew") => Skew(ControlReading.Read<ControlWire.Skew>(body)),
                ("POST", "cut") => Cut(ControlReading.Read<ControlWire.Cut>(body)),
                ("POST", "subscriptions") => Spoil(ControlReading.Read<ControlWire.Subscriptions>(body)),
                ("POST", "refuse") => Refuse(ControlReading.Read<ControlWire.Refuse>(body)),
                ("POST", "reset") => Switch(() =>
                {
                    faults.Reset();
                    changes.Spoil(null, 0, isSilent: false);
                    time.Skew = TimeSpan.Zero;
                    dispatch.ForgetCalls();
                    payments.Reset();
                }),
                _ => payments.Answer(httpMethod, verb, body),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return new ControlAnswer.Unreadable(e.Message);
        }
    }

    private ControlAnswer Pay(ControlWire.Pay request)
    {
        if (request.AfterMs is not { } ms)
        {
            return Change(request, hash => book.Pay(hash, request.Force));
        }

        return Change(request, hash =>
            book.Find(hash) is not { } invoice ? new BookAnswer.Refused("invoice not found")

            // When its time has come the invoice may be gone; then the payer's money just doesn't arrive, as in life.
            : scheduled.TrySchedule(Duration(ms), () => book.Pay(hash, request.Force)) ? new BookAnswer.Done(invoice)
            : new BookAnswer.Refused($"More than {ScheduledPayments.PendingMax} payments are on their way."));
    }

    private ControlAnswer Report(ControlWire.Report request)
    {
        var report = new FalseReport(
            request.Amount is { } amount ? ControlReading.Quantity(amount) : null,
            ControlReading.Script(request.UdtScript),
            request.ReportedHash is { } hash ? PaymentHash.Parse(hash) : null);
        return Change(request, told =>
            book.Find(told) is not { } invoice ? new BookAnswer.Refused("invoice not found")
            : faults.TryReport(told, report) ? new BookAnswer.Done(invoice)
            : new BookAnswer.Refused($"At most {Faults.ReportsMax} invoices can be told falsely."));
    }

    private ControlAnswer Refuse(ControlWire.Refuse request) =>
        faults.TryRefuse(request.Method, request.Message, ControlReading.Count(request.Count))
            ? new ControlAnswer.Done(new ControlWire.Nothing())
            : new ControlAnswer.Refused($"At most {Faults.RefusalsMax} methods can be refused.");

    private ControlAnswer.Done LoseAnswers(ControlWire.LoseAnswers request)
    {
        var count = ControlReading.Count(request.Count);
        return Switch(() => faults.LoseAnswers(count));
    }

    private ControlAnswer.Done Slow(ControlWire.Slow request)
    {
        var typical = Duration(request.Ms);
        var (min, max) = (Duration(request.MinMs ?? request.Ms), Duration(request.MaxMs ?? request.Ms));
        if (min > typical || typical > max)
        {
            throw new FormatException("The shortest is not above the typical, and the longest not below it.");
        }

        var latency = new Latency(min, typical, max, Share(request.TailShare));
        return Switch(() => faults.AnswerAfter(latency, request.Seed));
    }

    private ControlAnswer.Done Skew(ControlWire.Skew request)
    {
        var skew = Duration(Math.Abs(request.Ms)) * Math.Sign(request.Ms);
        return Switch(() => time.Skew = skew);
    }

    private ControlAnswer.Done Cut(ControlWire.Cut request) =>
        Switch(() => faults.Cut(Share(request.Before), Share(request.After), request.Seed));

    private ControlAnswer.Done Spoil(ControlWire.Subscriptions request)
    {
        var burst = request.Burst is { } count ? ControlReading.Count(count) : (int?)null;
        var dropped = Share(request.Drop);
        return Switch(() =>
        {
            faults.OfferPubsub(request.Offered);
            changes.Spoil(burst, dropped, request.Silent);
        });
    }

    private ControlAnswer Change(ControlWire.InvoiceChoice choice, Func<PaymentHash, BookAnswer> change)
    {
        var (hash, fault) = ControlReading.Hash(choice);
        return fault is not null ? new ControlAnswer.Refused(fault) : change(hash) switch
        {
            BookAnswer.Done done => new ControlAnswer.Done(Listed(done.Invoice)),
            BookAnswer.Refused refused => new ControlAnswer.Refused(refused.Reason),
            var other => throw new InvalidOperationException($"{other} is no answer."),
        };
    }

    private ControlWire.Listed Listed(SandboxInvoice invoice) => new(
        invoice.PaymentHash.ToString(),
        invoice.Address,
        HexQuantity.Format(invoice.Amount),
        invoice.Currency.ToString(),
        invoice.StatusAt(time.GetUtcNow()).ToString(),
        invoice.IsHold,
        invoice.Description);

    private static ControlAnswer.Done Switch(Action change)
    {
        change();
        return new(new ControlWire.Nothing());
    }

    private static TimeSpan Duration(long milliseconds) => milliseconds is >= 0 and <= MillisecondsMax
        ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new FormatException($"From 0 to {MillisecondsMax} milliseconds.");

    private static double Share(double share) => share is >= 0 and <= 1
        ? share
        : throw new FormatException("A share is from 0 to 1.");
}
