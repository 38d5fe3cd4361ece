using System.Globalization;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Treasury;

/// <summary>
/// Lets a sweep count towards the budget of its day, in the transaction that agrees to it or prepares it. Under the log's lock no other
/// one comes in between; one too many breaks a constraint by name, and nothing is written.
/// </summary>
/// <param name="MovementId">The sweep; its row is written before this is looked at.</param>
/// <param name="DayMax">In smallest units.</param>
internal sealed record BudgetRow(Guid MovementId, UInt128 DayMax) : CommitRow
{
    /// <summary>The constraint that is broken.</summary>
    public const string DayMaxHolds = "treasury_day_max";
}

internal sealed class BudgetWriter : ICommitRowWriter
{
    private const string Check = "select treasury.admit($1, $2)";

    public Type RowType => typeof(BudgetRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        var budgets = rows.Cast<BudgetRow>().ToArray();
        batch.Add(
            Check,
            new() { Value = budgets.Select(b => b.MovementId).ToArray() },
            new() { Value = budgets.Select(b => b.DayMax.ToString(CultureInfo.InvariantCulture)).ToArray() });
    }
}
