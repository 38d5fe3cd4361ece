using System.Collections.Concurrent;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Projections.WalletCells;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Wallet;

/// <summary>A chain node and a signer, where both are set up.</summary>
/// <param name="Node">The chain.</param>
/// <param name="Signer">Holds the key.</param>
internal sealed record ChainAccess(ICkbNode Node, ISigner Signer);

/// <summary>The wallet that withdrawals on chain are paid from, of all communities, and that operators sweep.</summary>
internal sealed class HotWallet(ChainAccess? access, ServiceSettings settings, WalletCellsQuery reserved, TimeProvider time)
    : IDisposable
{
    // What the signer does not sign over now it may sign over later; until then other cells are taken.
    private static readonly TimeSpan AvoidedFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<OutPoint, DateTimeOffset> _avoided = [];

    /// <summary>More cells than this make every payment slow: they are to be put together first.</summary>
    public const int CellsMax = 5_000;

    private volatile Seen? _seen;

    public bool CanPay => access is not null;

    /// <summary>One transaction is planned, signed and stored at a time: a signer keeps cells for what it has signed.</summary>
    public SemaphoreSlim Planning { get; } = new(1, 1);

    /// <summary>Shannon in plain cells that nothing is going to spend, when they were looked at last; null when they never were.</summary>
    public UInt128? Free => _seen?.Free;

    /// <summary>As <see cref="Free"/>, of a token: smallest units in its cells.</summary>
    public UInt128? FreeOf(Script type) => _seen?.Tokens.GetValueOrDefault(type);

    public ICkbNode Node => access?.Node ?? throw NotSetUp();

    public ISigner Signer => access?.Signer ?? throw NotSetUp();

    public ChainParameters Chain { get; } = WalletChain.Of(settings);

    public Script Lock => Chain.LockOf(Signer.PublicKey);

    /// <summary>Looks at the cells, and which of them are spoken for.</summary>
    public async Task<ChainAnswer<WalletView>> LookAsync(CancellationToken ct)
    {
        // First what is spoken for: what is let go in between is left alone this once, what is taken is refused at the commit.
        var taken = await reserved.ReservedAsync(ct);
        var answer = await WalletCells.ReadAsync(Node, Lock, CellsMax, ct);
        if (answer is not ChainAnswer<IReadOnlyList<Cell>>.Ok { Value: var cells })
        {
            var failed = (ChainAnswer<IReadOnlyList<Cell>>.Failed)answer;
            return new ChainAnswer<WalletView>.Failed(failed.Failure, failed.Detail);
        }

        var now = time.GetUtcNow();
        var view = new WalletView(
            cells,
            cells.Select(c => c.OutPoint)
                .Where(o => taken.Contains(o.ToString()) || (_avoided.TryGetValue(o, out var until) && until > now))
                .ToHashSet());
        _seen = new(view.Free, view.FreeTokens());
        return new ChainAnswer<WalletView>.Ok(view);
    }

    /// <summary>Leaves cells alone for a while.</summary>
    public void Avoid(IEnumerable<OutPoint> cells)
    {
        var until = time.GetUtcNow() + AvoidedFor;
        foreach (var cell in cells)
        {
            _avoided[cell] = until;
        }
    }

    public void Dispose() => Planning.Dispose();

    /// <summary>Held as one object: a reader never sees one half of a number, or coins and tokens of two moments.</summary>
    private sealed record Seen(UInt128 Free, IReadOnlyDictionary<Script, UInt128> Tokens);

    private static InvalidOperationException NotSetUp() => new("No chain node and no signer are set up.");
}

/// <summary>The wallet's cells at one moment.</summary>
/// <param name="Cells">All of them.</param>
/// <param name="Reserved">Those that transactions of ours spend.</param>
internal sealed record WalletView(IReadOnlyList<Cell> Cells, IReadOnlySet<OutPoint> Reserved)
{
    /// <summary>Shannon in the plain cells that are free.</summary>
    public UInt128 Free => Cells.Where(c => c.Output.Type is null && c.Data.Length == 0 && !Reserved.Contains(c.OutPoint))
        .Aggregate(UInt128.Zero, (sum, c) => sum + c.Output.Capacity);

    /// <summary>Smallest units of each token in its cells that are free, by its type.</summary>
    public IReadOnlyDictionary<Script, UInt128> FreeTokens() =>
        Cells.Where(c => c.Output.Type is not null && !Reserved.Contains(c.OutPoint))
            .GroupBy(c => c.Output.Type!, c => c.UdtAmount ?? 0)
            .ToDictionary(
                token => token.Key,
                token => token.Aggregate(
                    UInt128.Zero, (sum, units) => UInt128.MaxValue - sum < units ? UInt128.MaxValue : sum + units));
}
