using FiberLink.HubNode;

namespace FiberLink.Sandbox.Payments;

/// <summary>An invoice of somebody out in the network, that we may pay.</summary>
/// <param name="Hash">What it is known by.</param>
/// <param name="Preimage">What the payee gives for it.</param>
/// <param name="Amount">In smallest units; the payee takes no less.</param>
/// <param name="Fate">What becomes of a payment.</param>
internal sealed record PayeeInvoice(PaymentHash Hash, string Preimage, UInt128 Amount, PaymentFate Fate);
