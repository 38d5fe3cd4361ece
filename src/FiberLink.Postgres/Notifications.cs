using Npgsql;

namespace FiberLink.Postgres;

/// <summary>Wakes a reader when something was announced with <c>notify</c>, through restarts of the server.</summary>
/// <remarks>A wake-up says "look", not "there is something": some are merged, and one is given after each reconnect.</remarks>
/// <param name="database">Where to listen; one connection of the pool stays taken.</param>
/// <param name="time">Paces the reconnects.</param>
/// <param name="lost">Told each time the connection is lost or cannot be made, with the reason.</param>
public sealed class Notifications(NpgsqlDataSource database, TimeProvider time, Action<Exception>? lost = null)
{
    private const int ChannelLengthMax = 63;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    // A peer that vanished without a word is found out by asking.
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    /// <summary>Listens until cancelled, and calls <paramref name="wake"/> after each connect and for each announcement.</summary>
    /// <param name="channel">The name given to <c>notify</c>, exactly; at most 63 bytes.</param>
    /// <param name="wake">Must return at once, for example by releasing a semaphore. What it throws ends the listening.</param>
    /// <param name="ct">Ends the listening.</param>
    /// <exception cref="OperationCanceledException">The only way it ends by itself.</exception>
    public async Task RunAsync(string channel, Action wake, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channel.Length, ChannelLengthMax, nameof(channel));

        var pause = FirstPause;
        while (true)
        {
            try
            {
                await ListenAsync(
                    channel,
                    () =>
                    {
                        pause = FirstPause;
                        wake();
                    },
                    ct);
            }
            catch (NpgsqlException e)
            {
                // A connection that fails in the moment it is given up is no loss.
                ct.ThrowIfCancellationRequested();
                lost?.Invoke(e);
            }

            await Task.Delay(pause, time, ct);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, PauseMax.Ticks));
        }
    }

    /// <summary>Returns, or throws <see cref="NpgsqlException"/>, when the connection is lost.</summary>
    private async Task ListenAsync(string channel, Action wake, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var listen = connection.Command($"listen \"{channel.Replace("\"", "\"\"", StringComparison.Ordinal)}\""))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        // Whatever was announced before the line above went unheard.
        wake();

        while (connection.State == System.Data.ConnectionState.Open)
        {
            if (await connection.WaitAsync(SilenceMax, ct))
            {
                wake();
                continue;
            }

            await using var ask = connection.Command("select 1");
            await ask.ExecuteScalarAsync(ct);
        }
    }
}
