using FiberLink.HubNode;

namespace FiberLink.Sandbox.Invoices;

/// <summary>
/// The node's invoices and the rules of their life, in the node's own words. Cancelling and expiring are not final, just as with a
/// real node: a payment that was under way still arrives.
/// </summary>
internal sealed class InvoiceBook : IDisposable
{
    public const int InvoicesMax = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<PaymentHash, SandboxInvoice> _invoices = [];
    private readonly List<PaymentHash> _order = [];
    private readonly InvoiceJournal? _journal;
    private readonly TimeProvider _time;
    private readonly Action<SandboxInvoice> _changed;

    /// <param name="stateFile">Null keeps them in memory.</param>
    /// <param name="changed">Told of each status that is written down.</param>
    /// <param name="time">Decides what is past its time.</param>
    public InvoiceBook(string? stateFile, Action<SandboxInvoice> changed, TimeProvider time)
    {
        (_time, _changed) = (time, changed);
        _journal = stateFile is null ? null : new InvoiceJournal(stateFile);
        foreach (var invoice in _journal?.ReadAll() ?? [])
        {
            Remember(invoice);
        }
    }

    /// <summary>Shannon that have come in; tokens don't count here.</summary>
    public UInt128 ShannonPaid
    {
        get
        {
            lock (_lock)
            {
                return _invoices.Values
                    .Where(i => i.StoredStatus == HubInvoiceStatus.Paid && i.UdtScript is null)
                    .Aggregate(UInt128.Zero, (sum, i) => sum + i.Amount);
            }
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
        _ => Keep(invoice with { StoredStatus = HubInvoiceStatus.Cancelled }),
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
        HubInvoiceStatus.Open => Keep(invoice with { StoredStatus = HubInvoiceStatus.Received }),
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
        HubInvoiceStatus.Open when invoice.IsHold => Keep(invoice with { StoredStatus = HubInvoiceStatus.Received }),
        HubInvoiceStatus.Received when invoice.IsHold => Refuse("a hold invoice that is received waits to be settled"),
        HubInvoiceStatus.Received => Keep(invoice with { StoredStatus = HubInvoiceStatus.Paid }),
        _ => PayAtOnce(invoice),
    });

    public BookAnswer ExpireNow(PaymentHash hash) => Change(hash, "invoice not found", (invoice, status) => status switch
    {
        HubInvoiceStatus.Open => Keep(invoice with { IsExpiredByControl = true }),
        _ => Refuse($"only an open invoice expires, current status: {status}"),
    });

    public void Dispose() => _journal?.Dispose();

    private static BookAnswer.Refused Refuse(string reason) => new(reason);

    private BookAnswer SettleHeld(SandboxInvoice invoice, HubInvoiceStatus status) => status switch
    {
        HubInvoiceStatus.Open => Refuse("Invoice is still open"),
        HubInvoiceStatus.Cancelled => Refuse("Invoice is already cancelled"),
        HubInvoiceStatus.Expired => Refuse("Invoice is already expired"),
        HubInvoiceStatus.Paid => Refuse("Invoice is already paid"),
        _ => Keep(invoice with { StoredStatus = HubInvoiceStatus.Paid }),
    };

    // Both steps are written down, as a restart between them would find the first.
    private BookAnswer.Done PayAtOnce(SandboxInvoice invoice) =>
        Keep(Keep(invoice with { StoredStatus = HubInvoiceStatus.Received }).Invoice with { StoredStatus = HubInvoiceStatus.Paid });

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
        _journal?.Append(invoice);
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
