namespace FiberLink.Testing;

/// <summary>Waits for what another process or task brings about, by asking; not by guessing how long it takes.</summary>
public static class Eventually
{
    private const int AsksMax = 6_000;

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="what">What is waited for, for the message when it does not come.</param>
    /// <param name="condition">Asked again and again, a short pause apart.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition, CancellationToken ct)
    {
        for (var asked = 0; asked < AsksMax; asked++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ct);
        }

        throw new TimeoutException($"This did not come about: {what}.");
    }

    /// <inheritdoc cref="HoldsAsync(string, Func{Task{bool}}, CancellationToken)"/>
    public static Task HoldsAsync(string what, Func<bool> condition, CancellationToken ct) =>
        HoldsAsync(what, () => Task.FromResult(condition()), ct);
}
