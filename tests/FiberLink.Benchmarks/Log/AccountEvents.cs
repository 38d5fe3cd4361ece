using System.Text.Json.Serialization;
using FiberLink.EventStore;

namespace FiberLink.Benchmarks.Log;

internal sealed record Opened(string Owner);

internal sealed record Deposited(string Account, long Units);

internal sealed record Withdrawn(string Account, long Units);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Opened))]
[JsonSerializable(typeof(Deposited))]
[JsonSerializable(typeof(Withdrawn))]
[JsonSerializable(typeof(AccountState))]
internal sealed partial class AccountJson : JsonSerializerContext;

/// <summary>What the events of an account's stream add up to.</summary>
/// <param name="Units">What is in it.</param>
/// <param name="Moves">How often it changed.</param>
internal sealed record AccountState(long Units, long Moves)
{
    public static AccountState Empty { get; } = new(0, 0);

    public static AccountState Evolve(AccountState state, object @event) => @event switch
    {
        Deposited deposited => new(state.Units + deposited.Units, state.Moves + 1),
        Withdrawn withdrawn => new(state.Units - withdrawn.Units, state.Moves + 1),
        _ => state,
    };
}

/// <summary>The accounts that the benchmarks write to.</summary>
internal static class Accounts
{
    private const string Tenant = "bench";
    private const string PlainTenant = "plain";

    // Near enough to no two of it ever meeting, and the same in each run.
    private const uint Scatter = 2_654_435_761;

    private static readonly EventMetadata Metadata = new("bench", null, "benchmark", null);

    public static EventCatalogue Catalogue() => new(
    [
        ("bench.opened", AccountJson.Default.Opened),
        ("bench.deposited", AccountJson.Default.Deposited),
        ("bench.withdrawn", AccountJson.Default.Withdrawn),
    ]);

    public static StreamId Stream(string account) => new(Tenant, account);

    /// <summary>Of a community for which no balances are kept.</summary>
    public static StreamId PlainStream(string account) => new(PlainTenant, account);

    /// <summary>A name that no stream has.</summary>
    public static string NewName() => $"account-{Guid.CreateVersion7():N}";

    /// <summary>The change that appends these events to one stream.</summary>
    public static Change Change(StreamId stream, ExpectedVersion expected, params IReadOnlyList<object> events) =>
        new([new(stream, expected, [.. events.Select(e => new NewEvent(Guid.CreateVersion7(), e))])], Metadata, DateTimeOffset.UtcNow);

    /// <summary>A stream that did not exist, with three events.</summary>
    public static Change ThreeEvents(StreamId stream) => Change(
        stream, ExpectedVersion.NoStream, new Opened("somebody"), new Deposited(stream.Key, 100), new Deposited(stream.Key, 100));

    /// <summary>One of the first <paramref name="count"/> numbers, all equally often and in no order that anybody would notice.</summary>
    public static int Pick(int turn, int count) => (int)(unchecked((uint)turn * Scatter) % (uint)count);

    /// <summary>Opens accounts of five events each.</summary>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> OpenAsync(IEventStore store, int count, CancellationToken ct)
    {
        const int EventsEach = 5;
        string[] names = [.. Enumerable.Range(0, count).Select(_ => NewName())];
        var together = new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = ct };
        await Parallel.ForEachAsync(names, together, async (name, token) =>
        {
            object[] events = [new Opened("somebody"), .. Enumerable.Repeat(new Deposited(name, 1_000), EventsEach - 1)];
            await store.AppendAsync(Change(Stream(name), ExpectedVersion.NoStream, events), token).MustAppendAsync();
        });
        return names;
    }

    /// <exception cref="InvalidOperationException">The change was refused.</exception>
    public static async Task<AppendResult.Appended> MustAppendAsync(this Task<AppendResult> append) =>
        await append is var result && result is AppendResult.Appended appended
            ? appended
            : throw new InvalidOperationException($"An append ended in {result}.");
}
