using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.Versioning;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Testing;

namespace FiberLink.Chain.Tests.Signing;

/// <summary>A signer with a folder of its own, a clock that stands, and clients that ask it over its socket.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SignerScene : IAsyncDisposable
{
    public const ulong Coin = CellOutput.ShannonPerByte;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-signer");
    private readonly ConcurrentQueue<string> _log = [];
    private SignerServer? _server;

    public SignerScene()
    {
        Own = Chain.LockOf(Key.PublicKey);
        Policy = PolicyOf(1000 * Coin, 3000 * Coin);
    }

    public static ChainParameters Chain { get; } = ChainParameters.Testnet;

    public static Script Member { get; } = new RandomChain(2).Sighash(Chain);

    public static Script Token { get; } = Chain.TokenCodes[0].With(new RandomChain(3).Bytes(32));

    public SigningKey Key { get; } = SigningKey.Generate();

    public Script Own { get; }

    public ManualTime Time { get; } = new();

    public SignerPolicy Policy { get; set; }

    public ICkbNode? Node { get; set; }

    public Func<SignerStep, CancellationToken, Task> AtStepAsync { get; set; } = (_, _) => Task.CompletedTask;

    public string SocketPath => Path.Combine(_folder.FullName, "door", "signer.sock");

    public string JournalPath => Path.Combine(_folder.FullName, "journal");

    /// <summary>All that the signer has said.</summary>
    public string Log => string.Join('\n', _log);

    public RemoteSigner Client => new(
        new() { SocketPath = SocketPath, PublicKey = Key.PublicKey }, Chain, TimeProvider.System);

    public SignerDoor Door => new(SocketPath, TimeSpan.FromSeconds(30), TimeProvider.System);

    public static SignerPolicy PolicyOf(UInt128 perTransaction, UInt128 perHour) => new()
    {
        Chain = Chain,
        Limits = [new(AssetLimit.Coins, null, perTransaction, perHour), new("RUSD", Token, 500, 900)],
        FeeCap = Coin / 100,
    };

    public async Task<SignerScene> StartAsync(CancellationToken ct)
    {
        _server = await SignerServer.StartAsync(Options(), Key, Node, Time, ct);
        return this;
    }

    public SignerServerOptions Options() => new()
    {
        Policy = Policy,
        SocketPath = SocketPath,
        JournalPath = JournalPath,
        BelievesClients = Node is null,
        Say = _log.Enqueue,
        AtStepAsync = (step, ct) => AtStepAsync(step, ct),
    };

    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync();
        }
    }

    public async Task RestartAsync(CancellationToken ct)
    {
        await StopAsync();
        await StartAsync(ct);
    }

    /// <summary>A payment out of cells that no other number has.</summary>
    public UnsignedTransfer Transfer(int number, UInt128 amount, Script? token = null)
    {
        Cell[] cells =
        [
            .. Enumerable.Range(0, 2).Select(i => Transfers.Scene.CoinCell((uint)i, 5000 * Coin)),
            .. token is null ? [] : (Cell[])[Transfers.Scene.TokenCell(2, 10_000, token: token)],
        ];
        var order = new TransferOrder(Own, [new(Member, token, amount)], Transfers.Scene.Fee);
        return Plan(order, cells.Select(c => c with
        {
            OutPoint = new(new RandomChain(number).Hash(), c.OutPoint.Index), Output = c.Output with { Lock = Own },
        }));
    }

    public static UnsignedTransfer Plan(TransferOrder order, IEnumerable<Cell> cells) => Assert.IsType<TransferPlan.Planned>(
        TransferPlanner.Plan(order, cells, ImmutableHashSet<OutPoint>.Empty, Chain)).Transfer;

    /// <summary>A payment that takes exactly so much of the limit, fee and all.</summary>
    public UnsignedTransfer Leaving(int number, ulong shannon)
    {
        var fee = (ulong)Transfer(number, 100 * Coin).Fee;
        return Transfer(number, shannon - fee);
    }

    /// <summary>Asks as our client does.</summary>
    public Task<SigningAnswer> AskAsync(UnsignedTransfer transfer, CancellationToken ct) =>
        Client.SignAsync(new(DigestOf(transfer.Transaction), transfer), ct);

    /// <summary>Asks as a client that was taken over might: without looking at what it sends.</summary>
    public async Task<SigningAnswer> AskBlindlyAsync(
        Transaction transaction, IEnumerable<Cell> cells, Bytes32 digest, CancellationToken ct, string? network = null)
    {
        var request = RemoteSigner.Wire(new(digest, new(transaction, [.. cells], [])), network ?? Chain.NodeName);
        var reply = await new SignerCalls(SocketPath, TimeSpan.FromSeconds(30), TimeProvider.System).AskAsync(request, ct);
        var answer = Assert.IsType<SignerReply.Answered>(reply).Answer;
        return answer.Refusal is { } refusal
            ? new SigningAnswer.Refused(SigningRefusals.Parse(refusal.Reason)!.Value, refusal.Detail, refusal.Figures)
            : new SigningAnswer.Agreed(RecoverableSignature.FromBytes(Convert.FromHexString(answer.Signature![2..])));
    }

    public async Task<SigningAnswer.Refused> RefusedAsync(UnsignedTransfer transfer, CancellationToken ct) =>
        Assert.IsType<SigningAnswer.Refused>(await AskAsync(transfer, ct));

    public async Task AgreedAsync(UnsignedTransfer transfer, CancellationToken ct) =>
        AssertSigned(transfer.Transaction, await AskAsync(transfer, ct));

    public void AssertSigned(Transaction transaction, SigningAnswer answer)
    {
        Assert.True(answer is SigningAnswer.Agreed, answer.ToString());
        Assert.True(((SigningAnswer.Agreed)answer).Signature.TryRecover(DigestOf(transaction).ToBytes(), out var key));
        Assert.Equal(Key.PublicKey, key);
    }

    public async Task<UInt128> UsedAsync(CancellationToken ct, string asset = AssetLimit.Coins)
    {
        var (status, problem) = await Door.StatusAsync(ct);
        Assert.True(status is not null, problem);
        return status!.Assets.Single(a => a.Asset == asset).UsedWithinHour;
    }

    public static Bytes32 DigestOf(Transaction transaction) =>
        Sighash.Digest(transaction, [.. Enumerable.Range(0, transaction.Inputs.Length)]);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Key.Dispose();
        _folder.Delete(recursive: true);
    }
}
