using System.Globalization;

namespace FiberLink.EndToEnd.Tests.Processes;

/// <summary>The processes of this machine: who is alive, and who started whom.</summary>
internal sealed class ProcessTable
{
    private readonly IReadOnlyList<(int Id, int Parent, string State)> _rows;

    private ProcessTable(IReadOnlyList<(int Id, int Parent, string State)> rows) => _rows = rows;

    public static async Task<ProcessTable> ReadAsync(CancellationToken ct)
    {
        await using var ps = RunningProcess.Start("ps", ["-A", "-o", "pid=,ppid=,stat="]);
        Assert.Equal(0, await ps.ExitCodeAsync(ct));
        return new([.. ps.Lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(c => (Number(c[0]), Number(c[1]), c[2]))]);
    }

    /// <summary>Whether it runs. One that has ended and only waits to be asked about does not.</summary>
    public bool IsAlive(int id) => _rows.Any(r => r.Id == id && !r.State.StartsWith('Z'));

    /// <summary>The process, its children, theirs, and so on.</summary>
    public IReadOnlyList<int> Family(int id) => [id, .. _rows.Where(r => r.Parent == id).SelectMany(r => Family(r.Id))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
