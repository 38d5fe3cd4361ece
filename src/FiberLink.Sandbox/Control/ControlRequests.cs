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
    private readonly FaultControl _faults = new(faults);

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
                ("POST", "reorder") => Switch(() => faults.ReorderAnswers(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "panic") => Switch(() => faults.PanicOnMalformed(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "twice") => Switch(() => faults.DoubleCalls(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "answers-twice") => Switch(() => faults.DoubleAnswers(ControlReading.Read<ControlWire.Twice>(body).On)),
                ("POST", "skew") => Skew(ControlReading.Read<ControlWire.Skew>(body)),
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
                _ => _faults.Answer(httpMethod, verb, body) ?? payments.Answer(httpMethod, verb, body),
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
            : scheduled.TrySchedule(ControlReading.Duration(ms), () => book.Pay(hash, request.Force)) ? new BookAnswer.Done(invoice)
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

    private ControlAnswer.Done Skew(ControlWire.Skew request)
    {
        var skew = ControlReading.Duration(Math.Abs(request.Ms)) * Math.Sign(request.Ms);
        return Switch(() => time.Skew = skew);
    }

    private ControlAnswer.Done Spoil(ControlWire.Subscriptions request)
    {
        var burst = request.Burst is { } count ? ControlReading.Count(count) : (int?)null;
        var dropped = ControlReading.Share(request.Drop);
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
}
