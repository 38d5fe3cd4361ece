namespace FiberLink.Postgres;

/// <summary>Waiting for another process, which tells nobody when it is done.</summary>
internal static class Patience
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(20);

    public static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is yes; false when it still is no after a while.</summary>
    public static async Task<bool> UntilAsync(Func<bool> done, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; waited < LongEnough; waited += Pause)
        {
            if (done())
            {
                return true;
            }

            await Task.Delay(Pause, TimeProvider.System, ct);
        }

        return done();
    }
}
