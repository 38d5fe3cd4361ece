using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.HubNode;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>Looks at the wallet's cells and at the node's channels. Who does not answer is not in what was seen.</summary>
internal sealed class TreasuryLook(HotWallet wallet, INodeChannels node, AssetSettings assets, TimeProvider time)
{
    public async Task<IReadOnlyList<PlaceLook>> LookAsync(CancellationToken ct) => [.. await WalletAsync(ct), .. await ChannelsAsync(ct)];

    private async Task<IReadOnlyList<PlaceLook>> WalletAsync(CancellationToken ct)
    {
        if (!wallet.CanPay || await wallet.LookAsync(ct) is not ChainAnswer<WalletView>.Ok { Value: var view })
        {
            return [];
        }

        var now = time.GetUtcNow();
        var reserved = view.Cells.Where(c => view.Reserved.Contains(c.OutPoint)).ToList();
        return
        [
            new(HubPlace.OnChain, Asset.Ckb, Coins(view.Cells), view.Free, Coins(reserved), 0, now),
            .. assets.All.Where(a => a.Script is not null).Select(token =>
            {
                var (all, aside) = (Units(view.Cells, token.Script!), Units(reserved, token.Script!));
                return new PlaceLook(HubPlace.OnChain, token.Asset, all, all - aside, aside, 0, now);
            }),
        ];
    }

    private async Task<IReadOnlyList<PlaceLook>> ChannelsAsync(CancellationToken ct)
    {
        if (await node.ListChannelsAsync(withClosed: false, ct) is not NodeAnswer<IReadOnlyList<HubChannel>>.Ok { Value: var channels })
        {
            return [];
        }

        var now = time.GetUtcNow();
        var ours = channels.ToLookup(c => assets.OfScript(c.UdtScript is { } s ? new TokenScript(s.CodeHash, s.HashType, s.Args) : null));
        return
        [
            .. assets.All.Select(a => a.Asset).Select(asset => new PlaceLook(
                HubPlace.Channels,
                asset,
                Sum(ours[asset], c => c.LocalBalance),
                Sum(ours[asset], c => c.Spendable),
                Sum(ours[asset], c => c.OfferedBalance),
                Sum(ours[asset], c => c.Receivable),
                now)),
        ];
    }

    private static UInt128 Coins(IEnumerable<Cell> cells) => cells.Aggregate(UInt128.Zero, (sum, c) => sum + c.Output.Capacity);

    private static UInt128 Units(IEnumerable<Cell> cells, TokenScript token) =>
        Sum(cells.Where(c => c.Output.Type is { } type && Is(type, token)), c => c.UdtAmount ?? 0);

    private static bool Is(Chain.Script type, TokenScript token) =>
        string.Equals(type.CodeHash.ToHex(), token.CodeHash, StringComparison.OrdinalIgnoreCase)
        && string.Equals(type.HashType.ToString(), token.HashType, StringComparison.OrdinalIgnoreCase)
        && string.Equals(type.Args.ToString(), token.Args, StringComparison.OrdinalIgnoreCase);

    // What a node says may be absurd, and a sum that came round would look like a small one.
    private static UInt128 Sum<T>(IEnumerable<T> all, Func<T, UInt128> units) =>
        all.Aggregate(UInt128.Zero, (sum, each) => units(each) is var more && more <= Amount.UnitsMax - sum ? sum + more : Amount.UnitsMax);
}
