using FiberLink.Chain.Addresses;
using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Reconciliation.OnChain;

/// <summary>Compares the recipient's output of a transaction that a block has with what was to be paid.</summary>
internal sealed class RecipientCheck(HotWallet wallet, AssetSettings assets)
{
    /// <returns>Null when the recipient got it, when it is no plain payment, and when the node does not say.</returns>
    public async Task<Difference?> CompareAsync(ChainClaim claim, CancellationToken ct)
    {
        if (claim is not { Address: { } address, Money: { } money }
            || AddressCodec.Read(address, wallet.Chain) is not AddressReading.Read { Lock: var owner }
            || await wallet.Node.GetTransactionAsync(Bytes32.Parse(claim.Hash), ct)
                is not ChainAnswer<Transaction?>.Ok { Value: { } found })
        {
            return null;
        }

        if (claim.OutputIndex >= found.Outputs.Length)
        {
            return Of(claim, "there is no such output");
        }

        var output = found.Outputs[claim.OutputIndex];
        var cell = new Cell(new(Bytes32.Parse(claim.Hash), (uint)claim.OutputIndex), output, found.OutputsData[claim.OutputIndex]);
        var type = money.Asset == Asset.Ckb ? null : TokenTypes.Of(assets.Find(money.Asset.Code)?.Script);
        var units = type is null ? output.Capacity : cell.UdtAmount;
        return output.Lock != owner ? Of(claim, "it is another's")
            : output.Type != type ? Of(claim, "it is of another asset")
            : units != money.Units ? Of(claim, FormattableString.Invariant($"{money.Units} units were to be paid, and it holds {units}"))
            : null;
    }

    private static Difference Of(ChainClaim claim, string detail) =>
        ClaimComparison.Of(claim, DifferenceKind.OutputDiffers, $"output {claim.OutputIndex}: {detail}");
}
