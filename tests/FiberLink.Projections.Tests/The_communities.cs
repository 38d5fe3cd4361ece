using FiberLink.Events.Communities;
using FiberLink.EventStore;
using FiberLink.Projections.Communities;

namespace FiberLink.Projections.Tests;

public sealed class The_communities(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{
    private static readonly Guid First = Guid.CreateVersion7();
    private static readonly Guid Second = Guid.CreateVersion7();
    private static readonly Guid Third = Guid.CreateVersion7();

    private CommunitiesQuery Query => new(models.Database);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Are_there_from_their_registration_on_with_the_secret_that_signs()
    {
        await models.AppendAllAsync([Of("other", Registered("other")), Of("demo", Registered("demo"))], Ct);

        Assert.Equal(new("demo", "Demo", Tip.Noon, First, null, null), await Query.FindAsync("demo", Ct));
        Assert.Equal(["demo", "other"], (await Query.ListAsync(Ct)).Select(c => c.AppId));
        Assert.Null(await Query.FindAsync("nobody", Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Have_the_last_two_secrets_after_each_rotation(bool atOnce)
    {
        CommunityEvent[] events = [Registered("demo"), Rotated(Second, First, 1), Rotated(Third, Second, 2)];
        await models.AppendAllAsync(atOnce ? [Of("demo", events)] : events.Select(e => Of("demo", e)), Ct);

        Assert.Equal(new("demo", "Demo", Tip.Noon, Third, Second, Tip.Noon.AddDays(3)), await Query.FindAsync("demo", Ct));
    }

    [Fact]
    public async Task Are_registered_once()
    {
        await models.AppendAllAsync([Of("demo", Registered("demo"))], Ct);

        Assert.Equal(new AppendResult.ConstraintBroken("pk_communities"), await models.AppendAsync(Of("demo", Registered("demo")), Ct));
    }

    private static CommunityEvent Registered(string app) => new CommunityEvent.Registered(app, "Demo", First, Tip.Noon);

    private static CommunityEvent Rotated(Guid now, Guid before, int day) =>
        new CommunityEvent.SecretRotated("demo", now, before, Tip.Noon.AddDays(day + 1), Tip.Noon.AddDays(day));

    private static Happening Of(string app, params CommunityEvent[] events) => new(new(app, $"community-{app}"), Tip.Noon, events);
}
