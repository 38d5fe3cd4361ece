using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using FiberLink.Postgres;

namespace FiberLink.Benchmarks.Log;

/// <summary>What pgbench said.</summary>
/// <param name="Clients">How many at once.</param>
/// <param name="Rate">Transactions a second.</param>
/// <param name="Milliseconds">What one of them took on the average.</param>
/// <param name="ServerMicroseconds">The server's processor time for each.</param>
internal sealed record PgBenchResult(int Clients, double Rate, double Milliseconds, double ServerMicroseconds);

/// <summary>PostgreSQL's own load generator, of the server's version, over the server's socket.</summary>
internal sealed partial class PgBench(PrivatePostgres server, string database, string folder)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <param name="script">An embedded script.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="time">For how long; whole seconds.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="InvalidOperationException">There is no pgbench beside the server, or it failed.</exception>
    public async Task<PgBenchResult> RunAsync(string script, int clients, TimeSpan time, CancellationToken ct)
    {
        var file = Path.Combine(folder, script);
        await File.WriteAllTextAsync(file, SqlScript.Read(typeof(PgBench).Assembly, script), ct);
        await RunAsync(file, clients, WarmUp, ct);
        var postmaster = ServerId();
        var before = ServerProcesses.CpuTime(postmaster);
        var said = await RunAsync(file, clients, time, ct);
        var used = ServerProcesses.CpuTime(postmaster) - before;
        return new(
            clients, Number(Rate(), said), Number(Latency(), said), used.TotalMicroseconds / Number(Transactions(), said));

        async Task<string> RunAsync(string path, int at, TimeSpan lasting, CancellationToken token) =>
            await OutputAsync(
                Program(),
                [
                    "-M", "prepared", "-n", "-c", $"{at}", "-j", $"{Math.Min(at, Environment.ProcessorCount)}",
                    "-T", $"{Math.Max(1, (int)lasting.TotalSeconds)}", "-f", path, server.Uri(database),
                ],
                token);
    }

    /// <summary>The program in the folder that the server runs from.</summary>
    private string Program()
    {
        var postgres = new FileInfo($"/proc/{ServerId()}/exe").LinkTarget
            ?? throw new InvalidOperationException("The server's program cannot be found: /proc is needed.");
        var program = Path.Combine(Path.GetDirectoryName(postgres)!, "pgbench");
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException($"{program} is missing. Install PostgreSQL's package with pgbench in it, and run again.");
    }

    private int ServerId() => server.ProcessId ?? throw new InvalidOperationException("The server has stopped.");

    private static async Task<string> OutputAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = process.StandardOutput.ReadToEndAsync(ct);
        var complained = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return process.ExitCode == 0
            ? await said
            : throw new InvalidOperationException($"pgbench failed: {await said}{await complained}");
    }

    private static double Number(Regex pattern, string said) =>
        pattern.Match(said) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench did not say {pattern}: {said}");

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"latency average = ([\d.]+) ms")]
    private static partial Regex Latency();

    [GeneratedRegex(@"transactions actually processed: (\d+)")]
    private static partial Regex Transactions();
}
