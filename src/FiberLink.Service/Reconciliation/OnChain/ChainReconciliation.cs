using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Crypto;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.EventStore;
using FiberLink.Service.Reconciliation.Books;
using FiberLink.Service.Startup;
using FiberLink.Service.Wallet;

namespace FiberLink.Service.Reconciliation.OnChain;

/// <summary>
/// Compares what the log says of its transactions with the chain: where each stands, what its recipient got, whether the cells that are
/// spoken for are there, and what the wallet has. The log is read before the chain, and what differs is looked at twice.
/// </summary>
internal sealed class ChainReconciliation(
    HotWallet wallet,
    ClaimedStreams claimed,
    RecipientCheck recipients,
    IInventory inventory,
    IEventStore store,
    ServiceSettings settings,
    TimeProvider time)
{
    private const int PageMax = 200;
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(2);

    /// <summary>A chain node and a wallet are set up.</summary>
    public bool IsSetUp => wallet.CanPay;

    /// <param name="wish">What is compared.</param>
    /// <param name="tellAsync">Told each difference as it is found.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<ChainReport> RunAsync(ChainWish wish, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        var report = new ChainReport { At = time.GetUtcNow() };
        await PagesAsync(after => claimed.WithdrawalsAsync(wish.Since, wish.Tenant, after, PageMax, ct), report, tellAsync, ct);
        if (wish.Tenant is null)
        {
            await PagesAsync(after => claimed.MovementsAsync(wish.Since, after, PageMax, ct), report, tellAsync, ct);
            await CellsAsync(report, tellAsync, ct);
            await InventoryAsync(report, tellAsync, ct);
        }

        return report;
    }

    private async Task PagesAsync(
        Func<StreamId?, Task<IReadOnlyList<StreamId>>> nextAsync,
        ChainReport report,
        Func<Difference, Task> tellAsync,
        CancellationToken ct)
    {
        StreamId? after = null;
        while (await nextAsync(after) is { Count: > 0 } page)
        {
            var suspects = new List<StreamId>();
            foreach (var stream in page)
            {
                var (transactions, differences) = await LookAsync(stream, ct);
                report.Transactions += transactions;
                if (differences.Count > 0)
                {
                    suspects.Add(stream);
                }
            }

            if (suspects.Count > 0)
            {
                await Task.Delay(SecondLook, time, ct);
            }

            foreach (var stream in suspects)
            {
                foreach (var difference in (await LookAsync(stream, ct)).Differences)
                {
                    report.Add(difference);
                    await tellAsync(difference);
                }
            }

            after = page[^1];
        }
    }

    private async Task<(int Transactions, IReadOnlyList<Difference> Differences)> LookAsync(StreamId stream, CancellationToken ct)
    {
        var claims = ChainClaim.Of(await store.ReadStreamAsync(stream, ct));
        var differences = new List<Difference>();
        foreach (var claim in claims)
        {
            switch (await wallet.Node.GetTransactionStateAsync(Bytes32.Parse(claim.Hash), ct))
            {
                case ChainAnswer<TransactionState>.Ok { Value: var state }:
                    if (ClaimComparison.Compare(claim, state, await IsDeepAsync(claim, state, ct)) is { } difference)
                    {
                        differences.Add(difference);
                    }
                    else if (state is TransactionState.Committed && await recipients.CompareAsync(claim, ct) is { } other)
                    {
                        differences.Add(other);
                    }

                    break;
                case ChainAnswer<TransactionState>.Failed failed:
                    differences.Add(ClaimComparison.Of(claim, DifferenceKind.NoAnswer, $"the chain's node: {failed.Failure}"));
                    break;
                default:
                    break;
            }
        }

        return (claims.Count, differences);
    }

    /// <summary>A service that runs has a moment's time until it lies as deep as counts.</summary>
    private async Task<bool> IsDeepAsync(ChainClaim claim, TransactionState state, CancellationToken ct) =>
        state is TransactionState.Committed committed
        && claim.Stage is not ClaimStage.InBlock
        && await wallet.Node.DepthOfAsync(committed, ct) is { } depth
        && depth >= settings.Payouts.ConfirmationsOf(claim.Money ?? new(Asset.Ckb, 0));

    /// <summary>Whoever else spends cells of the wallet has its key.</summary>
    private async Task CellsAsync(ChainReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        var after = "";
        while (await claimed.ReservedAsync(after, PageMax, ct) is { Count: > 0 } page)
        {
            foreach (var (outPoint, transaction) in page)
            {
                report.Cells++;
                if (await IsGoneAsync(outPoint, transaction, ct))
                {
                    await Task.Delay(SecondLook, time, ct);
                    if (await IsGoneAsync(outPoint, transaction, ct))
                    {
                        var difference = new Difference(
                            DifferenceKind.CellGone, outPoint, $"it is spent, and {transaction} that was to spend it is in no block");
                        report.Add(difference);
                        await tellAsync(difference);
                    }
                }
            }

            after = page[^1].OutPoint;
        }
    }

    private async Task<bool> IsGoneAsync(string outPoint, string transaction, CancellationToken ct) =>
        CellOf(outPoint) is { } cell
        && Bytes32.TryParse(transaction, out var hash)
        && await wallet.Node.GetCellStateAsync(cell, ct) is ChainAnswer<CellState>.Ok { Value: CellState.Dead or CellState.Unknown }
        && await wallet.Node.GetTransactionStateAsync(hash, ct) is ChainAnswer<TransactionState>.Ok
        {
            Value: not TransactionState.Committed,
        };

    /// <summary>Null for a channel's name, which is kept among the cells.</summary>
    private static OutPoint? CellOf(string text) =>
        text.Split(':') is [var hash, var number]
        && Bytes32.TryParse(hash, out var transaction)
        && uint.TryParse(number, System.Globalization.CultureInfo.InvariantCulture, out var index)
            ? new(transaction, index)
            : null;

    private async Task InventoryAsync(ChainReport report, Func<Difference, Task> tellAsync, CancellationToken ct)
    {
        report.Lines = await inventory.LookAsync(ct);
        if (report.Lines.Any(l => l.Unexplained is { } units && units != 0))
        {
            await Task.Delay(SecondLook, time, ct);
            report.Lines = await inventory.LookAsync(ct);
        }

        foreach (var line in report.Lines.Where(l => l.Place is HubPlace.OnChain))
        {
            if (line.Unexplained is not { } units || units == 0)
            {
                continue;
            }

            var difference = new Difference(
                units > 0 ? DifferenceKind.WalletHasMore : DifferenceKind.WalletHasLess,
                $"{line.Place} {line.Asset}",
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"the books have {line.Books} units, {line.Seen} were seen, and {units} are not explained"))
            {
                Since = line.Since,
                Money = new(line.Asset, EntryComparison.Magnitude(units)),
            };
            report.Add(difference);
            await tellAsync(difference);
        }
    }
}

/// <summary>What is compared with the chain.</summary>
/// <param name="Tenant">Only this community's withdrawals, and nothing of the hub's own; null for everything.</param>
/// <param name="Since">Of what is final already, only what changed since then.</param>
internal sealed record ChainWish(string? Tenant, DateTimeOffset Since);

/// <summary>What a comparison with the chain has found.</summary>
internal sealed record ChainReport : DifferenceTally
{
    /// <summary>Transactions that the chain was asked for.</summary>
    public long Transactions { get; set; }

    /// <summary>Cells that are spoken for.</summary>
    public long Cells { get; set; }

    /// <summary>What there is, by the books and by sight.</summary>
    public IReadOnlyList<InventoryLine> Lines { get; set; } = [];
}
