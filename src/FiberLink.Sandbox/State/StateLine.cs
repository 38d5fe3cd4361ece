using FiberLink.Sandbox.Channels;
using FiberLink.Sandbox.Invoices;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Sandbox.State;

/// <summary>One thing as it was from then on: exactly one member is set. An invoice stands in its line without a name around it.</summary>
internal sealed record StateLine(
    SandboxInvoice? Invoice = null, SandboxChannel? Channel = null, SandboxPayment? Payment = null, PayeeInvoice? Payee = null);
