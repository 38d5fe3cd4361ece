namespace FiberLink.MessageWorker;

/// <summary>Letters with and without keys, of several communities; over few keys, so that they meet.</summary>
/// <param name="random">Chance by a seed.</param>
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
internal sealed class RandomLetters(Random random)
{
    private const int Tenants = 3;
    private const int Keys = 5;
    private const int LettersMax = 3;
    private const int Generations = 2;
    private const int PauseMillisecondsMax = 100;

    public string Tenant() => $"tenant-{random.Next(Tenants)}";

    public TimeSpan Pause() => TimeSpan.FromMilliseconds(random.Next(PauseMillisecondsMax));

    /// <summary>What somebody wishes.</summary>
    public IReadOnlyList<Letter> Some() =>
        [.. Enumerable.Range(0, 1 + random.Next(LettersMax)).Select(_ => New(Tenant(), Key(), Generations))];

    /// <summary>What follows from a letter: mostly nothing; else one of its own key, or of another, or both.</summary>
    public IReadOnlyList<Letter> After(Letter letter) =>
        letter.Generations == 0
            ? []
            : random.Next(8) switch
            {
                0 => [New(letter.Tenant, letter.Key, letter.Generations - 1)],
                1 => [New(letter.Tenant, Key(), letter.Generations - 1)],
                2 => [New(letter.Tenant, letter.Key, 0), New(Tenant(), Key(), 0)],
                _ => [],
            };

    private string Key() => random.Next(2) == 0 ? "" : $"key-{random.Next(Keys)}";

    private static Letter New(string tenant, string key, int generations) => new(Guid.CreateVersion7(), tenant, key, generations);
}
#pragma warning restore CA5394
