using FiberLink.EventStore.Projections;
using FiberLink.Testing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>What an operator decides about a projection, committed as it is by the log.</summary>
internal static class DecisionsUnderTest
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<AppendResult> DecideAsync(this NpgsqlDataSource database, ProjectionDecisionRow row) =>
        new PostgresEventStore(database, Sample.Catalogue, [], [new ProjectionDecisionWriter()])
            .AppendAsync(Change.OfRows(EventMetadata.None, Sample.Noon, row), Ct);

    public static async Task PauseAsync(this NpgsqlDataSource database, string projection) =>
        Assert.IsType<AppendResult.Appended>(
            await database.DecideAsync(new ProjectionDecisionRow.Pause(projection, "olga", "to look at it", Sample.Noon)));

    public static async Task ResumeAsync(this NpgsqlDataSource database, string projection) =>
        Assert.IsType<AppendResult.Appended>(await database.DecideAsync(new ProjectionDecisionRow.Resume(projection)));

    public static async Task<AppendResult> TrySkipAsync(this NpgsqlDataSource database, string projection, long position) =>
        await database.DecideAsync(
            new ProjectionDecisionRow.Skip(projection, position, Guid.CreateVersion7(), "olga", "it is poison", Sample.Noon));

    public static async Task SkipAsync(this NpgsqlDataSource database, string projection, long position) =>
        Assert.IsType<AppendResult.Appended>(await database.TrySkipAsync(projection, position));

    public static async Task AssertRefusedAsync(this Task<AppendResult> decision, string constraint) =>
        Assert.Equal(constraint, Assert.IsType<AppendResult.ConstraintBroken>(await decision).Constraint);

    /// <summary>Waits until a projection says that it stands before an event.</summary>
    public static Task StandsAsync(this NpgsqlDataSource database, string projection, long position) =>
        Eventually.HoldsAsync(
            $"{projection} stands before {position}",
            async () => (await database.TextsAsync(
                "select concat_ws(' ', name, state, failed_position) from event_store.projection_state"))
                .Contains($"{projection} failing {position}"),
            Ct);

    /// <summary>Waits until a projection stands at a position, while the clock goes on.</summary>
    public static Task ComesToAsync(this NpgsqlDataSource database, ManualTime time, string projection, long position) =>
        Eventually.HoldsAsync(
            $"{projection} comes to {position}",
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return await database.PositionAsync(projection) == position;
            },
            Ct);

    public static async Task<long> PositionAsync(this NpgsqlDataSource database, string projection) =>
        await database.TextsAsync(
            $"select last_seq_id::text from event_store.mt_event_progression where name = '{projection}:All'") is [var position]
            ? long.Parse(position, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
