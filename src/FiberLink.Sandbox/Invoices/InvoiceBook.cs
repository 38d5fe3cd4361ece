using FiberLink.HubNode;
using FiberLink.Sandbox.Channels;
using FiberLink.Sandbox.State;

namespace FiberLink.Sandbox.Invoices;

/// <summary>
/// The node's invoices and the rules of their life, in the node's own words. Cancelling and expiring are not final, just as with a
/// real node: a payment that was under way still arrives.
/// </summary>
internal sealed class InvoiceBook
{
    public const int InvoicesMax = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<PaymentHash, SandboxInvoice> _invoices = [];
    private readonly List<PaymentHash> _order = [];
    private readonly StateJournal? _journal;
    private readonly ChannelBook _channels;
    private readonly TimeProvider _time;
    private readonly Action<SandboxInvoice> _changed;

    /// <param name="journal">Null keeps them in memory.</param>
    /// <param name="kept">Those of an earlier run, each as often as it changed.</param>
    /// <param name="channels">What payments come in by.</param>
    /// <param name="changed">Told of each status that is written down.</param>
    /// <param name="time">Decides what is past its time.</param>
    public InvoiceBook(
        StateJournal? journal, IEnumerable<SandboxInvoice> kept, ChannelBook channels, Action<SandboxInvoice> changed, TimeProvider time)
    {
        (_journal, _channels, _time, _changed) = (journal, channels, time, changed);
        foreach (var invoice in kept)
        {
            Remember(invoice);
        }

        foreach (var invoice in _invoices.Values)
        {
            Restore(invoice);
        }
    }

    public BookAnswer Add(SandboxInvoice invoice)
    {
        lock (_lock)
        {
            if (_invoices.ContainsKey(invoice.PaymentHash))
            {
                return new BookAnswer.Refused("invoice already exists");
            }

            return _order.Count < InvoicesMax
                ? Keep(invoice)
                : new BookAnswer.Refused($"The sandbox keeps at most {InvoicesMax} invoices.");
        }
    }

    public SandboxInvoice? Find(PaymentHash hash)
    {
        lock (_lock)
        {
            return _invoices.GetValueOrDefault(hash);
        }
    }

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<SandboxInvoice> All()
    {
        lock (_lock)
        {
            return [.. _order.Select(hash => _invoices[hash])];
        }
    }

    public BookAnswer Cancel(PaymentHash hash) => Change(hash, "invoice not found", (invoice, status) => status switch
    {
        HubInvoiceStatus.Paid or HubInvoiceStatus.Cancelled => Refuse($"invoice can not be canceled, current status: {status}"),
        _ => GiveBack(invoice),
    });

    /// <summary>As the owner of a hold invoice does it, with the preimage.</summary>
    public BookAnswer Settle(PaymentHash hash, Preimage preimage) => Change(hash, "Invoice not found", (invoice, status) =>
        preimage.Hash(invoice.HashAlgorithm ?? InvoiceHashAlgorithm.CkbHash) != hash
            ? Refuse("Hash mismatch")
            : SettleHeld(invoice, status));

    /// <summary>As an operator of the sandbox does it, without.</summary>
    public BookAnswer SettleWithoutPreimage(PaymentHash hash) => Change(hash, "Invoice not found", SettleHeld);

    /// <summary>A payment arrives and is held.</summary>
    public BookAnswer Hold(PaymentHash hash) => Change(hash, "invoice not found", (invoice, status) => status switch
    {
        HubInvoiceStatus.Open => Receive(invoice),
        _ => Refuse($"only an open invoice can be held, current status: {status}"),
    });

    /// <summary>
    /// A payment arrives. A plain invoice becomes Received and then Paid; a hold invoice stays Received until it is settled. With
    /// <paramref name="force"/> it was under way when the invoice expired or was cancelled, and is paid all the same.
    /// </summary>
    public BookAnswer Pay(PaymentHash hash, bool force) => Change(hash, "invoice not found", (invoice, status) => status switch
    {
        HubInvoiceStatus.Paid => Refuse("invoice can not be paid, current status: Paid"),
        HubInvoiceStatus.Cancelled or HubInvoiceStatus.Expired when !force =>
            Refuse($"invoice can not be paid, current status: {status}; a late payment needs force"),
        HubInvoiceStatus.Open when invoice.IsHold => Receive(invoice),
        HubInvoiceStatus.Received when invoice.IsHold => Refuse("a hold invoice that is received waits to be settled"),
        HubInvoiceStatus.Received => Take(invoice),
        _ => PayAtOnce(invoice),
    });

    public BookAnswer ExpireNow(PaymentHash hash) => Change(hash, "invoice not found", (invoice, status) => status switch
    {
        HubInvoiceStatus.Open => Keep(invoice with { IsExpiredByControl = true }),
        _ => Refuse($"only an open invoice expires, current status: {status}"),
    });

    private static BookAnswer.Refused Refuse(string reason) => new(reason);

    private BookAnswer SettleHeld(SandboxInvoice invoice, HubInvoiceStatus status) => status switch
    {
        HubInvoiceStatus.Open => Refuse("Invoice is still open"),
        HubInvoiceStatus.Cancelled => Refuse("Invoice is already cancelled"),
        HubInvoiceStatus.Expired => Refuse("Invoice is already expired"),
        HubInvoiceStatus.Paid => Refuse("Invoice is already paid"),
        _ => Take(invoice),
    };

    // Both steps are written down, as a restart between them would find the first.
    private BookAnswer PayAtOnce(SandboxInvoice invoice) =>
        Receive(invoice) is BookAnswer.Done done ? Take(done.Invoice) : Refuse(NoRoom(invoice));

    private BookAnswer Receive(SandboxInvoice invoice)
    {
        var expiry = _time.GetUtcNow().ToUnixTimeMilliseconds() + (long)invoice.FinalExpiryDelta;
        return _channels.TryReceive(invoice.PaymentHash, invoice.UdtScript, invoice.Amount, expiry) is { } tlc
            ? Keep(invoice with { StoredStatus = HubInvoiceStatus.Received, Tlc = tlc })
            : Refuse(NoRoom(invoice));
    }

    private BookAnswer.Done Take(SandboxInvoice invoice)
    {
        End(invoice, isSettled: true);
        return Keep(invoice with { StoredStatus = HubInvoiceStatus.Paid });
    }

    private BookAnswer.Done GiveBack(SandboxInvoice invoice)
    {
        End(invoice, isSettled: false);
        return Keep(invoice with { StoredStatus = HubInvoiceStatus.Cancelled, Tlc = null });
    }

    // One that was received before channels were kept has none.
    private void End(SandboxInvoice invoice, bool isSettled)
    {
        if (invoice.Tlc is { } tlc)
        {
            _channels.End(tlc, isOutbound: false, isSettled);
        }
    }

    private static string NoRoom(SandboxInvoice invoice) => $"no channel can receive {invoice.Amount}";

    private void Restore(SandboxInvoice invoice)
    {
        switch (invoice)
        {
            case { Tlc: { } tlc, StoredStatus: HubInvoiceStatus.Received }:
                _channels.Restore(invoice.PaymentHash, tlc, isOutbound: false);
                break;
            case { Tlc: { } tlc, StoredStatus: HubInvoiceStatus.Paid }:
                _channels.RestoreMove(tlc, isOutbound: false);
                break;
        }
    }

    private BookAnswer Change(PaymentHash hash, string unknown, Func<SandboxInvoice, HubInvoiceStatus, BookAnswer> change)
    {
        lock (_lock)
        {
            return _invoices.TryGetValue(hash, out var invoice)
                ? change(invoice, invoice.StatusAt(_time.GetUtcNow()))
                : Refuse(unknown);
        }
    }

    private BookAnswer.Done Keep(SandboxInvoice invoice)
    {
        // Expiry is not written down by the node, so nobody is told.
        var isNews = _invoices.GetValueOrDefault(invoice.PaymentHash)?.StoredStatus != invoice.StoredStatus;
        _journal?.Append(new(invoice));
        Remember(invoice);
        if (isNews)
        {
            _changed(invoice);
        }

        return new(invoice);
    }

    private void Remember(SandboxInvoice invoice)
    {
        if (!_invoices.ContainsKey(invoice.PaymentHash))
        {
            _order.Add(invoice.PaymentHash);
        }

        _invoices[invoice.PaymentHash] = invoice;
    }
}
