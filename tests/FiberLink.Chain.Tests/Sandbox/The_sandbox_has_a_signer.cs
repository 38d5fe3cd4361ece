using System.Runtime.Versioning;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Sandbox.Chain;

namespace FiberLink.Chain.Tests.Sandbox;

[SupportedOSPlatform("linux")]
public sealed class The_sandbox_has_a_signer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-signer");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task That_signs_what_the_chain_takes_with_the_same_key_each_time()
    {
        await using var chain = await ChainScene.StartAsync(Ct);
        await using var signer = await StartAsync(chain, _folder.FullName);
        await chain.Control.FundAsync(signer.Lock, 500 * ChainScene.Coin, 1, Ct);

        var signed = await TransferSigning.SignAsync(await PlanAsync(chain, signer.Lock), signer.Signer, ChainScene.Chain, Ct);
        await chain.SendAsync(Assert.IsType<SignedTransfer.Ready>(signed).Transaction, Ct);

        var (address, path) = (signer.Address, signer.SocketPath);
        await signer.DisposeAsync();
        await using var again = await StartAsync(chain, _folder.FullName);
        Assert.Equal((address, path), (again.Address, again.SocketPath));
    }

    [Fact]
    public async Task That_signs_what_puts_coins_into_a_channel()
    {
        await using var chain = await ChainScene.StartAsync(Ct);
        await using var signer = await StartAsync(chain, _folder.FullName);
        await chain.Control.FundAsync(signer.Lock, 500 * ChainScene.Coin, 1, Ct);
        var payment = await PlanAsync(chain, signer.Lock);
        var channel = payment.Transaction.Outputs[0] with { Lock = ChainScene.Chain.Funding.With(new RandomChain(4).Bytes(20)) };

        var (funding, objection) = ChannelFunding.Read(
            payment.Transaction with { Outputs = payment.Transaction.Outputs.SetItem(0, channel) },
            payment.Spent,
            signer.Lock,
            ChainScene.Chain);
        Assert.Null(objection);
        Assert.IsType<SignedTransfer.Ready>(await TransferSigning.SignAsync(funding!, signer.Signer, ChainScene.Chain, Ct));
    }

    [Fact]
    public async Task Whose_folder_may_have_a_long_name()
    {
        await using var chain = await ChainScene.StartAsync(Ct);
        await using var signer = await StartAsync(chain, Path.Combine(_folder.FullName, new string('x', 120)));

        Assert.InRange(signer.SocketPath.Length, 1, 107);
    }

    private static Task<SandboxSigner> StartAsync(ChainScene chain, string folder) =>
        SandboxSigner.StartAsync(new() { Folder = folder, Chain = ChainScene.Chain }, chain.Client, TimeProvider.System, Ct);

    private static async Task<UnsignedTransfer> PlanAsync(ChainScene chain, Script wallet)
    {
        var cells = ChainScene.Value(await WalletCells.ReadAsync(chain.Client, wallet, 100, Ct));
        var order = new TransferOrder(wallet, [new(ChainScene.Member, Udt: null, 100 * ChainScene.Coin)], ChainScene.Fee);
        return Assert.IsType<TransferPlan.Planned>(
            TransferPlanner.Plan(order, cells, new HashSet<OutPoint>(), ChainScene.Chain)).Transfer;
    }
}
