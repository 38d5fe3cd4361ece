using System.Globalization;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Service.Wallet;

/// <summary>
/// Lets the room of a token's cell count towards the budget of its day, in the transaction that prepares the withdrawal. Under the log's
/// lock no other one comes in between; one too many breaks a constraint by name, and nothing is written.
/// </summary>
/// <param name="Tenant">The withdrawal's community.</param>
/// <param name="WithdrawalId">The withdrawal.</param>
/// <param name="Attempt">Which of its attempts. What takes the place of another gives nothing more.</param>
/// <param name="Units">Shannon that the recipient gets.</param>
/// <param name="At">When.</param>
/// <param name="DayMax">Shannon that all of them together may get in 24 hours.</param>
internal sealed record TokenRoomRow(
    string Tenant, Guid WithdrawalId, int Attempt, UInt128 Units, DateTimeOffset At, UInt128 DayMax) : CommitRow
{
    /// <summary>The constraint that is broken.</summary>
    public const string DayMaxHolds = "token_rooms_day_max";
}

internal sealed class TokenRoomWriter : ICommitRowWriter
{
    private const string Give = "select payouts.give_rooms($1, $2, $3, $4, $5, $6)";

    public Type RowType => typeof(TokenRoomRow);

    public void Write(IReadOnlyList<CommitRow> rows, NpgsqlBatch batch)
    {
        var rooms = rows.Cast<TokenRoomRow>().ToArray();
        batch.Add(
            Give,
            new() { Value = rooms.Select(r => r.Tenant).ToArray() },
            new() { Value = rooms.Select(r => r.WithdrawalId).ToArray() },
            new() { Value = rooms.Select(r => r.Attempt).ToArray() },
            new() { Value = rooms.Select(r => r.Units.ToString(CultureInfo.InvariantCulture)).ToArray() },
            new() { Value = rooms.Select(r => r.At.ToUniversalTime()).ToArray() },
            new() { Value = rooms.Select(r => r.DayMax.ToString(CultureInfo.InvariantCulture)).ToArray() });
    }
}
