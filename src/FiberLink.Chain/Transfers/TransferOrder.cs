using System.Collections.Immutable;

namespace FiberLink.Chain.Transfers;

/// <summary>One who is paid.</summary>
/// <param name="Recipient">The lock of the cell that is made.</param>
/// <param name="Udt">The token's type script; null for coins.</param>
/// <param name="Amount">
/// In smallest units. For coins it is the capacity of the cell, in shannon; a token's cell gets, beside the amount, the capacity that it
/// takes up, which is the wallet's to pay.
/// </param>
public sealed record Payment(Script Recipient, Script? Udt, UInt128 Amount);

/// <summary>What a transfer may cost.</summary>
/// <param name="Rate">Shannon for a thousand bytes.</param>
/// <param name="Cap">The most shannon that may be left to the miners, change that is too small included.</param>
public sealed record FeePolicy(ulong Rate, ulong Cap)
{
    private const ulong RateUnit = 1000;

    /// <summary>The fee of so many bytes, rounded up; more than there are coins when it overflows.</summary>
    public ulong FeeOf(int bytes)
    {
        var fee = (((UInt128)Rate * (UInt128)bytes) + RateUnit - 1) / RateUnit;
        return fee > ulong.MaxValue ? ulong.MaxValue : (ulong)fee;
    }
}

/// <summary>Who is to be paid, from where and at what cost.</summary>
/// <param name="Wallet">The lock whose cells are spent and to which change goes; the usual one, of one key.</param>
/// <param name="Payments">At least one. They come first among the outputs, in this order.</param>
/// <param name="Fee">What it may cost.</param>
public sealed record TransferOrder(Script Wallet, ImmutableArray<Payment> Payments, FeePolicy Fee)
{
    /// <summary>The most cells that may be spent. A transaction of a thousand cells is far below what nodes take.</summary>
    public int InputsMax { get; init; } = 500;
}
