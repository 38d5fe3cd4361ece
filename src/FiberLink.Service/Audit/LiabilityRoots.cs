using System.Globalization;
using System.Text;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;
using FiberLink.Projections.AccountBalances;
using Npgsql;

namespace FiberLink.Service.Audit;

/// <summary>
/// The roots of what was published of liabilities, for everybody: hashes and positions. No community is named, and no total: whoever has
/// a proof finds its root by its scope.
/// </summary>
internal sealed class LiabilityRoots(CheckpointBook book, AccountBalancesQuery balances, NpgsqlDataSource database) : IDisposable
{
    // Strangers ask: however many they are, the database answers one at a time.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A page has as many lines at most; the one behind the last says how to ask for the next.</summary>
    public int PageMax { get; init; } = 500;

    /// <summary>A page of lines; null when no checkpoint has been signed yet.</summary>
    /// <param name="after">Those that are in the log behind this position.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<string?> PageAsync(long after, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            // Only what a signed checkpoint has in it.
            return await book.ReadLastAsync(ct) is { } last ? Text(await ReadAsync(after, last.Head.Size, ct)) : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<IReadOnlyList<LiabilityPublication>> ReadAsync(long after, long upTo, CancellationToken ct)
    {
        var streams = (await balances.AssetsAsync(ct)).Select(a => LiabilityPublication.Stream(a.Tenant, a.Asset)).ToArray();
        await using var work = await UnitOfWork.BeginAsync(database, ct);
        return await LiabilityPublication.ReadPageAsync(work, streams, after, upTo, PageMax + 1, ct);
    }

    private string Text(IReadOnlyList<LiabilityPublication> found)
    {
        var text = new StringBuilder();
        foreach (var publication in found.Take(PageMax))
        {
            text.Append(publication.PublicLine).Append('\n');
        }

        return found.Count > PageMax
            ? text.Append(CultureInfo.InvariantCulture, $"next /audit/liabilities?after={found[PageMax - 1].At}\n").ToString()
            : text.ToString();
    }
}
