using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Settlements;

/// <summary>How soon payments are found, and what looking for them costs.</summary>
internal static class SettlementsBenchmark
{
    public static async Task<int> RunAsync(int perSecond, IReadOnlyList<int> sizes, TimeSpan time, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fiberlink-bench").FullName;
        try
        {
            await using var server = await PrivatePostgres.StartAsync(new PrivatePostgresOptions { Directory = folder }, ct);
            if (perSecond > 0)
            {
                await PaidTips.RunAsync(server, perSecond, time, ct);
            }

            await OpenInvoices.RunAsync(server, sizes, time, ct);
            return 0;
        }
        finally
        {
            await PrivatePostgres.RemoveAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }
}
