using FiberLink.Testing;

namespace FiberLink.Postgres.Tests;

public sealed class Listening_for_notifications
{
    private const string Listeners =
        "select pid from pg_stat_activity where datname = current_database() and query like 'listen %'";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wakes_once_connected_and_then_for_each_announcement()
    {
        await using var db = await TestDatabase.CreateAsync();
        await using var listening = new Listening(db, "Odd \"channel\"");
        await listening.WokenAsync();

        await ExecuteAsync(db, "select pg_notify('Odd \"channel\"', '')");
        await listening.WokenAsync();
    }

    [Fact]
    public async Task Wakes_and_hears_again_after_its_session_was_killed()
    {
        await using var db = await TestDatabase.CreateAsync();
        await using var listening = new Listening(db, "news");
        await listening.WokenAsync();

        await ExecuteAsync(db, $"select pg_terminate_backend(pid) from ({Listeners}) l");
        await listening.WokenAsync(); // Something may have been announced in between.
        Assert.Single(listening.Losses);

        await ExecuteAsync(db, "notify news");
        await listening.WokenAsync();
    }

    [Fact]
    public async Task Cancelling_ends_it_and_frees_the_connection()
    {
        await using var db = await TestDatabase.CreateAsync();
        var listening = new Listening(db, "news");
        await listening.WokenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(listening.StopAsync);
        Assert.Empty(listening.Losses);
        await listening.DisposeAsync();
        await using var next = await db.DataSource.OpenConnectionAsync(Ct);
    }

    private static async Task ExecuteAsync(TestDatabase db, string sql)
    {
        await using var command = db.DataSource.Command(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private sealed class Listening : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        private readonly SemaphoreSlim _wakes = new(0);
        private readonly Task _running;

        public Listening(TestDatabase db, string channel) =>
            _running = new Notifications(db.DataSource, TimeProvider.System, Losses.Add)
                .RunAsync(channel, () => _wakes.Release(), _stop.Token);

        public List<Exception> Losses { get; } = [];

        public Task WokenAsync() => _wakes.WaitAsync(Ct);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAny(_running);
            _stop.Dispose();
            _wakes.Dispose();
        }
    }
}
