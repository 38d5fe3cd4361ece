using FiberLink.HubNode;
using FiberLink.Sandbox.Invoices;
using FiberLink.Sandbox.State;

namespace FiberLink.Sandbox.Payments;

/// <summary>The nodes of the network that we may pay, and the invoices that they have made for it.</summary>
internal sealed class Payees
{
    public const int InvoicesMax = 1_000_000;

    private const ulong FinalExpiryDelta = 9_600_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<PaymentHash, PayeeInvoice> _invoices = [];
    private readonly StateJournal? _journal;
    private readonly SandboxIdentity _identity;
    private readonly TimeProvider _time;

    /// <param name="journal">Null keeps them in memory.</param>
    /// <param name="kept">Those of an earlier run, each as often as it changed.</param>
    /// <param name="identity">Has the payees' keys.</param>
    /// <param name="time">Says when an invoice was made.</param>
    public Payees(StateJournal? journal, IEnumerable<PayeeInvoice> kept, SandboxIdentity identity, TimeProvider time)
    {
        (_journal, _identity, _time) = (journal, identity, time);
        foreach (var invoice in kept)
        {
            _invoices[invoice.Hash] = invoice;
        }
    }

    /// <summary>The text and the hash of a new invoice; null when there are too many.</summary>
    /// <exception cref="FormatException">No invoice can say this.</exception>
    public (string Text, PaymentHash Hash)? Issue(PayeeInvoiceTerms terms)
    {
        var preimage = _identity.DrawPreimage();
        var hash = Preimage.Parse(preimage).Hash(InvoiceHashAlgorithm.Sha256);
        using var key = _identity.KeyOf(terms.IsFarther ? null : 0);
        var signed = InvoiceText.Signed(
            new SandboxInvoice
            {
                PaymentHash = hash,
                Address = "",
                Signature = "",
                Amount = terms.Amount,
                Currency = terms.Currency,
                Timestamp = _time.GetUtcNow().ToUnixTimeMilliseconds(),
                Description = terms.Description,
                ExpirySeconds = terms.ExpirySeconds,
                FinalExpiryDelta = FinalExpiryDelta,
                AllowsMultiPart = terms.AllowsMultiPart,
                PaymentSecret = terms.AllowsMultiPart ? _identity.HashOf($"payee's secret of {hash}") : null,
                UdtScript = terms.UdtScript,
                HashAlgorithm = InvoiceHashAlgorithm.Sha256,
            },
            key);
        var ending = terms.IsHeld ? PaymentEnding.IsHeld : PaymentEnding.Succeeds;
        return Keep(new(hash, preimage, terms.Amount, new(ending))) ? (signed.Address, hash) : null;
    }

    public PayeeInvoice? Find(PaymentHash hash)
    {
        lock (_lock)
        {
            return _invoices.GetValueOrDefault(hash);
        }
    }

    /// <summary>What becomes of payments of this invoice from now on; false when there is no such invoice.</summary>
    public bool TryDecide(PaymentHash hash, PaymentFate fate) => Find(hash) is { } invoice && Keep(invoice with { Fate = fate });

    private bool Keep(PayeeInvoice invoice)
    {
        lock (_lock)
        {
            if (_invoices.Count >= InvoicesMax && !_invoices.ContainsKey(invoice.Hash))
            {
                return false;
            }

            _journal?.Append(new(Payee: invoice));
            _invoices[invoice.Hash] = invoice;
            return true;
        }
    }
}

/// <summary>What a payee's invoice is to say.</summary>
/// <param name="Amount">In smallest units.</param>
/// <param name="Currency">The network.</param>
/// <param name="UdtScript">The token; null for CKB.</param>
/// <param name="Description">Null for none.</param>
/// <param name="ExpirySeconds">Null never expires.</param>
/// <param name="IsFarther">The payee is no peer of ours, so that paying it costs something.</param>
/// <param name="IsHeld">The payee keeps a payment waiting.</param>
/// <param name="AllowsMultiPart">A payment may come in parts.</param>
internal sealed record PayeeInvoiceTerms(
    UInt128 Amount,
    FiberCurrency Currency,
    UdtScript? UdtScript,
    string? Description,
    ulong? ExpirySeconds,
    bool IsFarther,
    bool IsHeld,
    bool AllowsMultiPart);
