using FiberLink.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>Tells other processes of commits, after them and on a connection of its own.</summary>
/// <remarks>
/// In the appending transaction a notice would cost a lock that all who notify share. The first one is sent at once; those that come
/// in the next moment are sent as one, so that many commits cost few notices. One that is lost costs nothing but time: whoever
/// listens looks now and then anyway.
/// </remarks>
internal sealed class CommitNotices(NpgsqlDataSource database, ILogger logger) : IAsyncDisposable
{
    private const string Send = "select pg_notify(c, '') from unnest($1::text[]) as c";
    private const string NoNeedToWaitForTheDisk = "select set_config('synchronous_commit', 'off', true)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _channels = new(StringComparer.Ordinal);
    private Task _sending = Task.CompletedTask;

    /// <summary>Sends a notice soon.</summary>
    public void Announce(IEnumerable<string> channels)
    {
        lock (_gate)
        {
            var wasIdle = _channels.Count == 0;
            _channels.UnionWith(channels);
            if (wasIdle && _channels.Count > 0 && _sending.IsCompleted)
            {
                _sending = Task.Run(SendAllAsync);
            }
        }
    }

    /// <summary>Sends what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        Task sending;
        lock (_gate)
        {
            sending = _sending;
        }

        await sending;
    }

    private async Task SendAllAsync()
    {
        while (Take() is { Length: > 0 } channels)
        {
            try
            {
                await using var batch = database.CreateBatch();
                batch.Add(NoNeedToWaitForTheDisk);
                batch.Add(Send, new NpgsqlParameter { Value = channels });
                await batch.ExecuteNonQueryAsync(CancellationToken.None);
            }
            catch (Exception away) when (away is NpgsqlException or ObjectDisposedException)
            {
                EventStoreLog.NoticeUnsent(logger, away);
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private string[] Take()
    {
        lock (_gate)
        {
            string[] channels = [.. _channels];
            _channels.Clear();
            if (channels.Length == 0)
            {
                // Whoever announces from here on starts anew: this run has ended for him.
                _sending = Task.CompletedTask;
            }

            return channels;
        }
    }
}
