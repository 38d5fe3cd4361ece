using System.Globalization;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Withdrawals;

/// <summary>
/// What a new withdrawal was decided on, for the transaction that holds its money to make sure of: under the log's lock no other one
/// can be granted in between. What is no longer so breaks a constraint by name, and nothing is written.
/// </summary>
/// <param name="Tenant">The community.</param>
/// <param name="WithdrawalId">The withdrawal; its row is written before this is looked at.</param>
/// <param name="RulesPosition">The community's rules as of.</param>
/// <param name="HubRulesPosition">The hub's rules as of.</param>
/// <param name="MemberDayMax">In smallest units.</param>
/// <param name="CommunityDayMax">In smallest units.</param>
/// <param name="MemberOpenMax">In smallest units; null for no limit.</param>
/// <param name="CooldownSeconds">Between two of a member's.</param>
internal sealed record AdmissionRow(
    string Tenant,
    Guid WithdrawalId,
    long RulesPosition,
    long HubRulesPosition,
    UInt128 MemberDayMax,
    UInt128 CommunityDayMax,
    UInt128? MemberOpenMax,
    long CooldownSeconds) : CommitRow
{
    public static AdmissionRow Of(string tenant, Guid withdrawalId, Appraisal appraisal)
    {
        var limits = appraisal.Facts.Limits;
        return new(
            tenant,
            withdrawalId,
            appraisal.Use.RulesPosition,
            appraisal.Use.HubRulesPosition,
            limits.MemberDayMax.Units,
            limits.CommunityDayMax.Units,
            limits.MemberOpenMax?.Units,
            limits.CooldownSeconds);
    }
}

internal sealed class AdmissionWriter : ICommitRowWriter
{
    private const string Check = "select payouts.admit($1, $2, $3, $4, $5, $6, $7, $8)";

    public Type RowType => typeof(AdmissionRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        var admissions = rows.Cast<AdmissionRow>().ToArray();
        NpgsqlParameter Units(Func<AdmissionRow, UInt128?> value) => new()
        {
            Value = admissions.Select(a => value(a)?.ToString(CultureInfo.InvariantCulture)).ToArray(),
        };
        batch.Add(
            Check,
            new() { Value = admissions.Select(a => a.Tenant).ToArray() },
            new() { Value = admissions.Select(a => a.WithdrawalId).ToArray() },
            new() { Value = admissions.Select(a => a.RulesPosition).ToArray() },
            new() { Value = admissions.Select(a => a.HubRulesPosition).ToArray() },
            Units(a => a.MemberDayMax),
            Units(a => a.CommunityDayMax),
            Units(a => a.MemberOpenMax),
            new() { Value = admissions.Select(a => a.CooldownSeconds).ToArray() });
    }
}
