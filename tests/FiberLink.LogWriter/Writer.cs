using System.Collections.Concurrent;
using FiberLink.EventStore;
using Npgsql;

namespace FiberLink.LogWriter;

/// <summary>Several callers of one store at once, who say of every attempt what they were told.</summary>
/// <param name="store">Where.</param>
/// <param name="say">Takes reports, from any thread. What is said to have begun is said before it begins.</param>
public sealed class Writer(IEventStore store, Action<Report> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<StreamId, long> _versions = new();

    /// <summary>Writes until the changes are used up or it is told to stop; every attempt has been answered then.</summary>
    /// <param name="seed">Of what is written.</param>
    /// <param name="callers">How many at once.</param>
    /// <param name="changesEach">How many changes of each.</param>
    /// <param name="prefix">Of the streams' names.</param>
    /// <param name="isToStop">Asked before each change.</param>
    public Task RunAsync(int seed, int callers, int changesEach, string prefix, Func<bool> isToStop) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
#pragma warning disable CA5394 // Chance by a seed, so that a run can be repeated.
            var changes = new RandomChanges(new Random(HashCode.Combine(seed, caller)), prefix, _versions);
#pragma warning restore CA5394
            for (var i = 0; i < changesEach && !isToStop(); i++)
            {
                var wish = changes.Next();
                await Task.WhenAll(Enumerable.Range(0, wish.Times).Select(_ => AppendAsync(wish)));
            }
        })));

    private async Task AppendAsync(Wish wish)
    {
        say(Report.Began(wish.Token));
        try
        {
            say(await ReportAsync(wish, await AppendedAsync(wish)));
        }
#pragma warning disable CA1031 // Any exception means that nothing was written: that is what is checked.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            say(Report.Nothing(wish.Token, failure is PostgresException ? failure.Message : failure.GetType().Name));
            if (failure is NpgsqlException)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    private async Task<AppendResult> AppendedAsync(Wish wish)
    {
        using var patience = new CancellationTokenSource();
        if (wish.Patience == 0)
        {
            await patience.CancelAsync();
        }

        var append = store.AppendAsync(wish.Change, patience.Token);
        for (var turn = 0; turn < wish.Patience && !append.IsCompleted; turn++)
        {
            await Task.Yield();
        }

        if (wish.Patience is not null)
        {
            await patience.CancelAsync();
        }

        return await append;
    }

    private async Task<Report> ReportAsync(Wish wish, AppendResult result)
    {
        switch (result)
        {
            case AppendResult.Appended(var events):
                foreach (var @event in events)
                {
                    _versions.AddOrUpdate(@event.Stream, @event.Version, (_, known) => Math.Max(known, @event.Version));
                }

                return Report.Appended(wish.Token, events.Select(e => e.Position));
            case AppendResult.VersionMoved(var stream, _):
                var read = (await UntilAnsweredAsync(() => store.ReadStreamAsync(stream, CancellationToken.None))).Version;
                _versions.AddOrUpdate(stream, read, (_, known) => Math.Max(known, read));
                return Report.Nothing(wish.Token, nameof(AppendResult.VersionMoved));
            case AppendResult.Unknown(var id) when id == Guid.Empty:
                return Report.Unsettled(wish.Token);
            case AppendResult.Unknown(var id):
                return (await UntilAnsweredAsync(() => store.SettleAsync(id, CancellationToken.None))).IsCommitted
                    ? await ReportAsync(wish, await UntilAnsweredAsync(() => store.AppendAsync(wish.Change, CancellationToken.None)))
                    : Report.Nothing(wish.Token, nameof(AppendResult.Unknown));
            default:
                return Report.Nothing(wish.Token, result.GetType().Name);
        }
    }

    private static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (NpgsqlException)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }
}
