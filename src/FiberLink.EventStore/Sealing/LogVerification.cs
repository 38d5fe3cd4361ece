using System.Data;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.EventStore.Sealing;

/// <summary>
/// Recomputes everything that the log says of itself from its rows, in one snapshot of the database and in constant memory: each event's
/// hash, each node of the tree, what was signed and by whom, the order of positions and versions. Appends go on meanwhile.
/// </summary>
public sealed class LogVerification(NpgsqlDataSource database, EventCatalogue catalogue)
{
    /// <summary>Events read at once.</summary>
    private const int PageEventsMax = 4_096;

    /// <summary>Verifies all of it.</summary>
    /// <param name="options">What is trusted, and what was seen before.</param>
    /// <param name="verified">Told after each page: how many events there are to verify, and how many are.</param>
    /// <param name="ct">Stops it; nothing was changed.</param>
    /// <exception cref="NpgsqlException">The database went away.</exception>
    public async Task<VerifiedLog> RunAsync(
        VerifyLogOptions options, IProgress<(long Verified, long Of)>? verified, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(database, IsolationLevel.RepeatableRead, ct);
        var findings = new Findings();
        var surroundings = await LogSurroundings.ReadAsync(work, options, findings, ct);
        var tree = new TreeCheck(work, surroundings, findings);
        await (options.Inspection?.BeginAsync(work, ct) ?? Task.CompletedTask);
        var last = 0L;
        var page = await ReadAsync(work, 0, options.Inspection is not null, ct);
        while (page.Count > 0)
        {
            // While the rows of one page are hashed, those of the next one are fetched.
            var hashing = Task.Run(page.Hash, ct);
            await tree.LoadAsync(page.From, page.To, ct);
            var next = await ReadAsync(work, page.To, options.Inspection is not null, ct);
            await hashing;
            last = await SeeAsync(page, last, tree, options.Inspection, findings, ct);
            verified?.Report((last, Math.Max(last, surroundings.Head)));
            page = next;
        }

        await tree.EndAsync(ct);
        await surroundings.EndAsync(work, last, findings, ct);
        if (options.Inspection is { } inspection)
        {
            findings.AddRange(await inspection.EndAsync(work, ct));
        }

        return new(last, surroundings.Tree, surroundings.Checkpoints.Count, tree.Last, findings.All);
    }

    private static async Task<long> SeeAsync(
        VerifyPage page, long last, TreeCheck tree, ILogInspection? inspection, Findings findings, CancellationToken ct)
    {
        foreach (var row in page.Rows)
        {
            for (last++; last < row.Position; last++)
            {
                findings.Add(SealFindingKind.EventMissing, last, $"Position {last}: there is no event, and there are later ones");
                await tree.AddAsync(last, null, ct);
            }

            if (row.Finding is { } finding)
            {
                findings.Add(row.Kind, row.Position, $"Position {row.Position}: {finding}");
            }
            else if (row.Event is { } @event && inspection?.See(@event) is { } odd)
            {
                findings.Add(odd);
            }

            await tree.AddAsync(row.Position, row.Kind == SealFindingKind.EventChanged ? null : row.Entry, ct);
        }

        return last;
    }

    private async Task<VerifyPage> ReadAsync(UnitOfWork work, long after, bool isDecoded, CancellationToken ct)
    {
        var page = new VerifyPage(isDecoded ? catalogue : null, after, PageEventsMax);
        await using var command = work.Command(SealedRow.After, new() { Value = after }, new() { Value = (long)PageEventsMax });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            page.Add(reader);
        }

        return page;
    }
}

/// <summary>Gathers what is wrong, up to a limit.</summary>
internal sealed class Findings
{
    private readonly List<SealFinding> _all = [];

    public IReadOnlyList<SealFinding> All => _all;

    public void Add(SealFindingKind kind, long? position, FormattableString text) =>
        Add(new(kind, position, $"{FormattableString.Invariant(text)}."));

    public void Add(SealFinding finding)
    {
        if (_all.Count < VerifiedLog.FindingsMax)
        {
            _all.Add(finding);
        }
    }

    public void AddRange(IEnumerable<SealFinding> findings)
    {
        foreach (var finding in findings)
        {
            Add(finding);
        }
    }
}
