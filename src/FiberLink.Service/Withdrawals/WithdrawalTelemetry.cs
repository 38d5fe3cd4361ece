using System.Diagnostics.Metrics;

namespace FiberLink.Service.Withdrawals;

/// <summary>What is counted about withdrawals: what an operator has to decide about.</summary>
internal static class WithdrawalTelemetry
{
    private static readonly Meter Meter = new(Telemetry.ServiceTelemetry.Name);

    private static readonly Counter<long> Lost = Meter.CreateCounter<long>(
        "fiberlink.withdrawals.lost", "{withdrawal}", "Withdrawals that had been paid and can never be in the chain again; alert on any.");

    private static readonly Counter<long> PaidAfterFailure = Meter.CreateCounter<long>(
        "fiberlink.withdrawals.paid_after_failure",
        "{withdrawal}",
        "Withdrawals that had failed or were lost, and were paid all the same; alert on any.");

    public static void CountLost(string app) => Lost.Add(1, new KeyValuePair<string, object?>("app", app));

    public static void CountPaidAfterFailure(string app) => PaidAfterFailure.Add(1, new KeyValuePair<string, object?>("app", app));
}
