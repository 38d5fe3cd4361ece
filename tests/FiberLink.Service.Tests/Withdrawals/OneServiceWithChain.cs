using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>One running service with a chain for all tests of a class, a token among its assets; its wallet is empty.</summary>
public sealed class OneServiceWithChain : IAsyncLifetime
{
    private static readonly TokenScript Usdi = new($"0x{new string('a', 64)}", "type", "0x0123456789abcdef");

    public RunningService Running { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Running = await RunningService.StartAsync(new Opening
    {
        WithChain = true,
        Change = settings => settings with
        {
            RateLimitRequests = 1_000_000,
            Tokens = [AssetDefinition.Token(new Asset("USDI"), 8, Usdi)],
        },
    });

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
