using FiberLink.Domain.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.Messages;
using FiberLink.Service.Startup;
using FiberLink.Service.Withdrawals.Paying;
using Npgsql;

namespace FiberLink.Service.Withdrawals.Administration;

/// <summary>All that is known of a withdrawal.</summary>
/// <param name="Row">As lists show it.</param>
/// <param name="State">What is decided on.</param>
/// <param name="Standing">Where it stands, in words.</param>
/// <param name="Events">All that has happened.</param>
/// <param name="Errand">The message that sees to its next step; null when there is none, or it could not be told from here.</param>
internal sealed record WithdrawalReport(
    WithdrawalRow Row,
    WithdrawalState.Known State,
    WithdrawalStanding Standing,
    IReadOnlyList<RecordedEvent> Events,
    MessageSummary? Errand);

/// <summary>Tells operators about single withdrawals.</summary>
internal sealed class WithdrawalReports(
    WithdrawalsQuery rows, IEventStore store, NpgsqlDataSource database, AssetSettings assets, TimeProvider time)
{
    // Each doubt about a step is a message that follows the one before; there are a handful at most.
    private const int DoubtsMax = 20;

    /// <returns>Null when there is none.</returns>
    public async Task<WithdrawalReport?> FindAsync(string? app, Guid id, CancellationToken ct)
    {
        if (await rows.FindAsync(app, id, ct) is not { } row)
        {
            return null;
        }

        var stream = await store.ReadStreamAsync(WithdrawalCommands.StreamOf(row.Tenant, id), ct);
        var state = (WithdrawalState.Known)stream.Events.Aggregate(
            WithdrawalState.Initial, (s, e) => WithdrawalState.Evolve(s, (Events.Withdrawals.WithdrawalEvent)e.Body));
        var standing = WithdrawalStanding.Of(state, stream.Events, AdvanceWithdrawalHandler.WaitMax, assets, time.GetUtcNow());
        return new(row, state, standing, stream.Events, await ErrandAsync(row.Tenant, id, stream.Version, ct));
    }

    private async Task<MessageSummary?> ErrandAsync(string tenant, Guid id, long step, CancellationToken ct)
    {
        var desk = new MessageDesk(database);
        var message = AdvanceWithdrawal.IdOf(tenant, id, step);
        for (var doubts = 0; doubts <= DoubtsMax; doubts++)
        {
            if (await desk.FindAsync(message, ct) is { } found)
            {
                return found;
            }

            message = AdvanceWithdrawal.IdAfter(message);
        }

        return null;
    }
}
