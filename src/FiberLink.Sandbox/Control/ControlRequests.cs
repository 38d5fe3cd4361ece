using System.Text.Json;
using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;
using FiberLink.Sandbox.Wire;

namespace FiberLink.Sandbox.Control;

/// <summary>What an operator of the sandbox can make happen, one verb to a path under <c>/sandbox/</c>.</summary>
internal sealed class ControlRequests(
    InvoiceBook book, Faults faults, RpcDispatch dispatch, ScheduledPayments scheduled, TimeProvider time)
{
    /// <summary>The longest delay or absence that can be asked for.</summary>
    private const long MillisecondsMax = 24 * 60 * 60 * 1000;

    private const int CountMax = 1_000_000;

    public ControlAnswer Answer(string httpMethod, string verb, byte[] body)
    {
        try
        {
            return (httpMethod, verb) switch
            {
                ("GET", "invoices") => new ControlAnswer.Done(book.All().Select(Listed).ToArray()),
                ("GET", "calls") => new ControlAnswer.Done(new SortedDictionary<string, long>(dispatch.Calls.ToDictionary())),
                ("POST", "pay") => Pay(Read<ControlWire.Pay>(body)),
                ("POST", "hold") => Change(Read<ControlWire.InvoiceChoice>(body), book.Hold),
                ("POST", "settle") => Change(Read<ControlWire.InvoiceChoice>(body), book.SettleWithoutPreimage),
                ("POST", "cancel") => Change(Read<ControlWire.InvoiceChoice>(body), book.Cancel),
                ("POST", "expire-now") => Change(Read<ControlWire.InvoiceChoice>(body), book.ExpireNow),
                ("POST", "report") => Report(Read<ControlWire.Report>(body)),
                ("POST", "away") => Switch(Read<ControlWire.Away>(body).ForMs is { } ms
                    ? () => faults.GoAway(Duration(ms))
                    : () => faults.GoAway(null)),
                ("POST", "back") => Switch(faults.ComeBack),
                ("POST", "slow") => Switch(() => faults.AnswerAfter(Duration(Read<ControlWire.Slow>(body).Ms))),
                ("POST", "lose-answers") => Switch(() => faults.LoseAnswers(Count(Read<ControlWire.LoseAnswers>(body).Count))),
                ("POST", "twice") => Switch(() => faults.DoubleCalls(Read<ControlWire.Twice>(body).On)),
                ("POST", "refuse") => Refuse(Read<ControlWire.Refuse>(body)),
                ("POST", "reset") => Switch(() =>
                {
                    faults.Reset();
                    dispatch.ForgetCalls();
                }),
                _ => new ControlAnswer.NoSuchThing(),
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
            request.Amount is { } amount
                ? HexQuantity.TryParse(amount, out var value) ? value : throw new FormatException("The amount is not a 0x quantity.")
                : null,
            request.UdtScript is { } script ? new UdtScript(script.CodeHash, script.HashType, script.Args) : null,
            request.ReportedHash is { } hash ? PaymentHash.Parse(hash) : null);
        return Change(request, told =>
            book.Find(told) is not { } invoice ? new BookAnswer.Refused("invoice not found")
            : faults.TryReport(told, report) ? new BookAnswer.Done(invoice)
            : new BookAnswer.Refused($"At most {Faults.ReportsMax} invoices can be told falsely."));
    }

    private ControlAnswer Refuse(ControlWire.Refuse request) =>
        faults.TryRefuse(request.Method, request.Message, Count(request.Count))
            ? new ControlAnswer.Done(new ControlWire.Nothing())
            : new ControlAnswer.Refused($"At most {Faults.RefusalsMax} methods can be refused.");

    private ControlAnswer Change(ControlWire.InvoiceChoice choice, Func<PaymentHash, BookAnswer> change)
    {
        var (hash, fault) = choice switch
        {
            { PaymentHash: { } text, Invoice: null } => (PaymentHash.Parse(text), null),
            { PaymentHash: null, Invoice: { } text } => HashOf(text),
            _ => throw new FormatException("Say which invoice: payment_hash or invoice, one of them."),
        };
        return fault is not null ? new ControlAnswer.Refused(fault) : change(hash) switch
        {
            BookAnswer.Done done => new ControlAnswer.Done(Listed(done.Invoice)),
            BookAnswer.Refused refused => new ControlAnswer.Refused(refused.Reason),
            var other => throw new InvalidOperationException($"{other} is no answer."),
        };
    }

    private static (PaymentHash Hash, string? Fault) HashOf(string text)
    {
        var (invoice, fault) = InvoiceText.Read(text);
        return (invoice?.PaymentHash ?? default, fault);
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

    private static T Read<T>(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize<T>(body.IsEmpty ? "{}"u8 : body, ControlWire.Json) ?? throw new FormatException("The body is null.");

    private static TimeSpan Duration(long milliseconds) => milliseconds is >= 0 and <= MillisecondsMax
        ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new FormatException($"From 0 to {MillisecondsMax} milliseconds.");

    private static int Count(int count) => count is >= 0 and <= CountMax
        ? count
        : throw new FormatException($"From 0 to {CountMax}.");
}
