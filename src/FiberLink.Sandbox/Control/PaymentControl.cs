using FiberLink.HubNode;
using FiberLink.Sandbox.Channels;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Sandbox.Control;

/// <summary>What an operator of the sandbox can make happen to the node's own payments and channels.</summary>
internal sealed class PaymentControl(
    PaymentBook book, Payees payees, ChannelBook channels, FiberCurrency currency)
{
    public ControlAnswer Answer(string httpMethod, string verb, byte[] body) => (httpMethod, verb) switch
    {
        ("GET", "payments") => new ControlAnswer.Done(book.All().Select(Listed).ToArray()),
        ("POST", "payee-invoice") => Issue(ControlReading.Read<ControlWire.NewPayeeInvoice>(body)),
        ("POST", "payment-fate") => Decide(ControlReading.Read<ControlWire.Fate>(body)),
        ("POST", "payment-succeed") => Succeed(ControlReading.Read<ControlWire.Succeed>(body)),
        ("POST", "payment-fail") => Fail(ControlReading.Read<ControlWire.Fail>(body)),
        ("POST", "open-channel") => Open(ControlReading.Read<ControlWire.OpenChannel>(body)),
        ("POST", "peer") => Connect(ControlReading.Read<ControlWire.Peer>(body)),
        _ => new ControlAnswer.NoSuchThing(),
    };

    /// <summary>Payments end well again, and every peer is there.</summary>
    public void Reset()
    {
        book.Decide(PaymentFate.Success, 0);
        for (var peer = 0; peer < channels.Peers; peer++)
        {
            channels.Connect(peer, isConnected: true);
        }
    }

    private ControlAnswer Issue(ControlWire.NewPayeeInvoice request)
    {
        var terms = new PayeeInvoiceTerms(
            ControlReading.Quantity(request.Amount),
            currency,
            ControlReading.Script(request.UdtScript),
            request.Description,
            request.ExpirySeconds,
            request.Farther,
            request.Held,
            request.MultiPart);
        return payees.Issue(terms) is { } made
            ? new ControlAnswer.Done(new ControlWire.MadePayeeInvoice(made.Hash.ToString(), made.Text))
            : new ControlAnswer.Refused($"The sandbox keeps at most {Payees.InvoicesMax} invoices of payees.");
    }

    private ControlAnswer Decide(ControlWire.Fate request)
    {
        var isFailure = request.Ending is PaymentEnding.Fails or PaymentEnding.FailsUnderWay;
        if (isFailure == request.Error is null)
        {
            throw new FormatException("A payment that fails has an error, and another has none.");
        }

        var fate = new PaymentFate(request.Ending, request.Error);
        if (request is { PaymentHash: null, Invoice: null })
        {
            book.Decide(fate, ControlReading.Count(request.Count));
            return new ControlAnswer.Done(new ControlWire.Nothing());
        }

        var (hash, fault) = ControlReading.Hash(request);
        return fault is null && payees.TryDecide(hash, fate)
            ? new ControlAnswer.Done(new ControlWire.Nothing())
            : new ControlAnswer.Refused(fault ?? "no payee has made this invoice");
    }

    private ControlAnswer Succeed(ControlWire.Succeed request)
    {
        var (hash, fault) = ControlReading.Hash(request);
        return fault is null ? Answer(book.Succeed(hash, request.Told)) : new ControlAnswer.Refused(fault);
    }

    private ControlAnswer Fail(ControlWire.Fail request)
    {
        var (hash, fault) = ControlReading.Hash(request);
        return fault is null ? Answer(book.Fail(hash, request.Error)) : new ControlAnswer.Refused(fault);
    }

    private ControlAnswer Open(ControlWire.OpenChannel request)
    {
        if (request.Peer < 0 || request.Peer > channels.Peers)
        {
            throw new FormatException($"Peers are numbered, and the next one is {channels.Peers}.");
        }

        var (local, remote) = (ControlReading.Quantity(request.Local), ControlReading.Quantity(request.Remote));
        return channels.Open(request.Peer, ControlReading.Script(request.UdtScript), local, remote) is null
            ? new ControlAnswer.Refused($"There are {ChannelBook.ChannelsMax} channels, or both sides are too much for one.")
            : new ControlAnswer.Done(new ControlWire.Nothing());
    }

    private ControlAnswer.Done Connect(ControlWire.Peer request)
    {
        if (request.Number < 0 || request.Number >= channels.Peers)
        {
            throw new FormatException($"Peers are numbered from 0 to {channels.Peers - 1}.");
        }

        channels.Connect(request.Number, request.Connected);
        return new(new ControlWire.Nothing());
    }

    private static ControlAnswer Answer(PaymentAnswer answer) => answer switch
    {
        PaymentAnswer.Done done => new ControlAnswer.Done(Listed(done.Payment)),
        PaymentAnswer.Refused refused => new ControlAnswer.Refused(refused.Reason),
        _ => throw new InvalidOperationException($"{answer} is no answer."),
    };

    private static ControlWire.ListedPayment Listed(SandboxPayment payment) => new(
        payment.Hash.ToString(),
        HexQuantity.Format(payment.Amount),
        HexQuantity.Format(payment.Fee),
        payment.Status,
        payment.IsUnderWay,
        payment.IsTaken,
        payment.FailedError);
}
