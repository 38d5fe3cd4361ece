using System.Globalization;
using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Log;

/// <summary>A program that does one thing: it makes sure of its schema, and appends. Run by <see cref="StartSection"/>.</summary>
internal static class FirstAppend
{
    /// <summary>The argument that asks for it.</summary>
    public const string Word = "first-append";

    /// <summary>What it says when its first change has committed; behind it, its peak of memory in kilobytes.</summary>
    public const string Committed = "committed ";

    private const string Peak = "VmHWM:";

    public static async Task<int> RunAsync(string connection, CancellationToken ct)
    {
        await using var database = BenchDatabase.DataSource(connection);
        if (await Migrations.AssertAsync(database, BenchDatabase.Migrations, ct) is { IsCurrent: false } difference)
        {
            await Console.Error.WriteLineAsync($"{difference}");
            return 1;
        }

        await using var store = BenchDatabase.StoreOn(database, new BalancesProjection());
        await store.AppendAsync(Accounts.ThreeEvents(Accounts.Stream(Accounts.NewName())), ct).MustAppendAsync();
        await Console.Out.WriteLineAsync($"{Committed}{PeakKilobytes()}");
        return 0;
    }

    private static long PeakKilobytes() =>
        long.Parse(
            File.ReadLines("/proc/self/status").First(l => l.StartsWith(Peak, StringComparison.Ordinal))[Peak.Length..]
                .Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture);
}
