namespace FiberLink.Service.Tests.Scene;

/// <summary>One running service for all tests of a class; each test uses members and communities of its own.</summary>
public sealed class OneService : IAsyncLifetime
{
    public RunningService Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await RunningService.StartAsync(
        new Opening { Change = settings => settings with { RateLimitRequests = 1_000_000 } });

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
