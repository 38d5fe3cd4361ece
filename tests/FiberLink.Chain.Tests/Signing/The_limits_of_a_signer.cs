using System.Runtime.Versioning;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Remote;

namespace FiberLink.Chain.Tests.Signing;

[SupportedOSPlatform("linux")]
public sealed class The_limits_of_a_signer : IAsyncDisposable
{
    private const ulong Coin = SignerScene.Coin;

    private readonly SignerScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task One_transaction_may_let_out_so_much_and_not_a_shannon_more()
    {
        await _scene.StartAsync(Ct);

        await _scene.AgreedAsync(_scene.Leaving(1, 1000 * Coin), Ct);
        var refused = await _scene.RefusedAsync(_scene.Leaving(2, (1000 * Coin) + 1), Ct);

        Assert.Equal(SigningRefusal.AboveTransactionLimit, refused.Reason);
        Assert.Equal(new SigningFigures("ckb", (1000 * Coin) + 1, 1000 * Coin, 0), refused.Figures);
        Assert.Equal(1000 * Coin, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task An_hour_may_let_out_so_much_and_not_a_shannon_more()
    {
        await _scene.StartAsync(Ct);
        await _scene.AgreedAsync(_scene.Leaving(1, 1000 * Coin), Ct);
        await _scene.AgreedAsync(_scene.Leaving(2, 1000 * Coin), Ct);
        await _scene.AgreedAsync(_scene.Leaving(3, 900 * Coin), Ct);

        var refused = await _scene.RefusedAsync(_scene.Leaving(4, (100 * Coin) + 1), Ct);
        Assert.Equal(SigningRefusal.AboveHourLimit, refused.Reason);
        Assert.Equal(SigningAdvice.AskLater, refused.Reason.Advice());
        Assert.Equal(new SigningFigures("ckb", (100 * Coin) + 1, 3000 * Coin, 2900 * Coin), refused.Figures);

        await _scene.AgreedAsync(_scene.Leaving(5, 100 * Coin), Ct);
        Assert.Equal(3000 * Coin, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task The_hour_slides()
    {
        await _scene.StartAsync(Ct);
        await _scene.AgreedAsync(_scene.Leaving(1, 1000 * Coin), Ct);
        _scene.Time.Advance(TimeSpan.FromMinutes(40));
        await _scene.AgreedAsync(_scene.Leaving(2, 1000 * Coin), Ct);
        await _scene.AgreedAsync(_scene.Leaving(3, 1000 * Coin), Ct);

        _scene.Time.Advance(TimeSpan.FromMinutes(20) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(SigningRefusal.AboveHourLimit, (await _scene.RefusedAsync(_scene.Leaving(4, 100 * Coin), Ct)).Reason);
        _scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _scene.AgreedAsync(_scene.Leaving(4, 1000 * Coin), Ct);
        Assert.Equal(SigningRefusal.AboveHourLimit, (await _scene.RefusedAsync(_scene.Leaving(5, 100 * Coin), Ct)).Reason);
    }

    [Fact]
    public async Task The_hour_goes_on_over_a_restart()
    {
        await _scene.StartAsync(Ct);
        await _scene.AgreedAsync(_scene.Leaving(1, 1000 * Coin), Ct);
        await _scene.AgreedAsync(_scene.Leaving(2, 1000 * Coin), Ct);
        _scene.Time.Advance(TimeSpan.FromMinutes(59));

        await _scene.RestartAsync(Ct);

        Assert.Equal(2000 * Coin, await _scene.UsedAsync(Ct));
        await _scene.AgreedAsync(_scene.Leaving(3, 1000 * Coin), Ct);
        Assert.Equal(SigningRefusal.AboveHourLimit, (await _scene.RefusedAsync(_scene.Leaving(4, 100 * Coin), Ct)).Reason);
        _scene.Time.Advance(TimeSpan.FromMinutes(1));
        await _scene.RestartAsync(Ct);
        Assert.Equal(1000 * Coin, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task Tokens_have_limits_of_their_own_and_their_cells_take_coins()
    {
        await _scene.StartAsync(Ct);

        Assert.Equal(
            new SigningFigures("RUSD", 501, 500, 0), (await _scene.RefusedAsync(_scene.Transfer(1, 501, SignerScene.Token), Ct)).Figures);
        var first = _scene.Transfer(2, 500, SignerScene.Token);
        await _scene.AgreedAsync(first, Ct);
        Assert.Equal(
            new SigningFigures("RUSD", 401, 900, 500), (await _scene.RefusedAsync(_scene.Transfer(3, 401, SignerScene.Token), Ct)).Figures);
        await _scene.AgreedAsync(_scene.Transfer(4, 400, SignerScene.Token), Ct);

        Assert.Equal((UInt128)900, await _scene.UsedAsync(Ct, "RUSD"));
        Assert.Equal((2 * 142 * Coin) + (2 * first.Fee), await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task The_same_transaction_counts_once_however_often_and_whenever_it_is_signed()
    {
        await _scene.StartAsync(Ct);
        var transfer = _scene.Leaving(1, 1000 * Coin);
        await _scene.AgreedAsync(transfer, Ct);
        await _scene.AgreedAsync(_scene.Leaving(2, 1000 * Coin), Ct);
        await _scene.AgreedAsync(_scene.Leaving(3, 1000 * Coin), Ct);

        await _scene.AgreedAsync(transfer, Ct);
        await _scene.RestartAsync(Ct);
        await _scene.AgreedAsync(transfer, Ct);
        Assert.Equal(3000 * Coin, await _scene.UsedAsync(Ct));

        _scene.Time.Advance(TimeSpan.FromDays(40));
        await _scene.AgreedAsync(transfer, Ct);
        Assert.Equal(UInt128.Zero, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task A_retry_is_signed_also_under_limits_that_have_become_lower()
    {
        await _scene.StartAsync(Ct);
        var transfer = _scene.Leaving(1, 1000 * Coin);
        await _scene.AgreedAsync(transfer, Ct);

        _scene.Policy = SignerScene.PolicyOf(100 * Coin, 100 * Coin);
        await _scene.RestartAsync(Ct);

        await _scene.AgreedAsync(transfer, Ct);
        var refused = await _scene.RefusedAsync(_scene.Leaving(2, 90 * Coin), Ct);
        Assert.Equal(new SigningFigures("ckb", 90 * Coin, 100 * Coin, 1000 * Coin), refused.Figures);
    }

    [Fact]
    public async Task A_retry_is_refused_once_its_destination_is()
    {
        await _scene.StartAsync(Ct);
        var transfer = _scene.Leaving(1, 1000 * Coin);
        await _scene.AgreedAsync(transfer, Ct);

        _scene.Policy = _scene.Policy with { DeniedDestinations = [SignerScene.Member] };
        await _scene.RestartAsync(Ct);

        Assert.Equal(SigningRefusal.DestinationDenied, (await _scene.RefusedAsync(transfer, Ct)).Reason);
    }

    [Fact]
    public async Task What_was_signed_between_two_milliseconds_counts_for_its_whole_hour()
    {
        await _scene.StartAsync(Ct);
        _scene.Time.Advance(TimeSpan.FromTicks(5_001));
        await _scene.AgreedAsync(_scene.Leaving(1, 1000 * Coin), Ct);

        _scene.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));

        Assert.Equal(1000 * Coin, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task Two_clients_at_once_cannot_let_out_more_than_an_hour_may()
    {
        // Both have passed everything but the hour's limit before either is decided.
        var meeting = new Meeting();
        _scene.AtStepAsync = (step, _) => step == SignerStep.CellsSeen ? meeting.BothAreThereAsync() : Task.CompletedTask;
        _scene.Policy = SignerScene.PolicyOf(1000 * Coin, 1500 * Coin);
        await _scene.StartAsync(Ct);

        for (var round = 0; round < 50; round++)
        {
            var number = 2 * round;
            var answers = await Task.WhenAll(
                _scene.AskAsync(_scene.Leaving(number, 1000 * Coin), Ct), _scene.AskAsync(_scene.Leaving(number + 1, 1000 * Coin), Ct));

            Assert.Single(answers.OfType<SigningAnswer.Agreed>());
            Assert.Equal(SigningRefusal.AboveHourLimit, Assert.Single(answers.OfType<SigningAnswer.Refused>()).Reason);
            Assert.Equal(1000 * Coin, await _scene.UsedAsync(Ct));
            _scene.Time.Advance(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task Two_clients_at_once_with_one_transaction_count_once()
    {
        var meeting = new Meeting();
        _scene.AtStepAsync = (step, _) => step == SignerStep.CellsSeen ? meeting.BothAreThereAsync() : Task.CompletedTask;
        await _scene.StartAsync(Ct);
        var transfer = _scene.Leaving(1, 1000 * Coin);

        var answers = await Task.WhenAll(_scene.AskAsync(transfer, Ct), _scene.AskAsync(transfer, Ct));

        Assert.All(answers, a => _scene.AssertSigned(transfer.Transaction, a));
        Assert.Equal(1000 * Coin, await _scene.UsedAsync(Ct));
    }

    [Fact]
    public async Task Another_transaction_with_a_cell_that_is_signed_for_waits_until_an_operator_or_time_lets_it()
    {
        await _scene.StartAsync(Ct);
        var (first, second) = (_scene.Leaving(1, 500 * Coin), _scene.Leaving(1, 400 * Coin));
        await _scene.AgreedAsync(first, Ct);

        var refused = await _scene.RefusedAsync(second, Ct);
        Assert.Equal((SigningRefusal.InputsSignedFor, SigningAdvice.PlanAnew), (refused.Reason, refused.Reason.Advice()));
        Assert.Contains(first.Transaction.Hash().ToHex(), refused.Detail, StringComparison.Ordinal);
        _scene.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        await _scene.RestartAsync(Ct);
        Assert.Equal(SigningRefusal.InputsSignedFor, (await _scene.RefusedAsync(second, Ct)).Reason);
        _scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _scene.AgreedAsync(second, Ct);
    }

    [Fact]
    public async Task What_is_forgotten_frees_its_cells_and_goes_on_counting()
    {
        await _scene.StartAsync(Ct);
        var (first, second) = (_scene.Leaving(1, 500 * Coin), _scene.Leaving(1, 400 * Coin));
        await _scene.AgreedAsync(first, Ct);

        Assert.Equal((true, null), await _scene.Door.ForgetAsync(first.Transaction.Hash(), "rejected", Ct));
        Assert.Equal((false, null), await _scene.Door.ForgetAsync(first.Transaction.Hash(), "rejected", Ct));
        Assert.Equal(500 * Coin, await _scene.UsedAsync(Ct));
        await _scene.RestartAsync(Ct);

        await _scene.AgreedAsync(second, Ct);
        Assert.Equal(900 * Coin, await _scene.UsedAsync(Ct));
        Assert.Equal(SigningRefusal.InputsSignedFor, (await _scene.RefusedAsync(first, Ct)).Reason);
        var (_, problem) = await _scene.Door.ForgetAsync(second.Transaction.Hash(), " ", Ct);
        Assert.Contains("bad_request", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_goes_back_lets_out_nothing_more()
    {
        await _scene.StartAsync(Ct);
        await _scene.AgreedAsync(_scene.Leaving(1, 1000 * Coin), Ct);
        await _scene.StopAsync();
        await using var earlier = await SignerServer.StartAsync(
            _scene.Options(), _scene.Key, node: null, new Testing.ManualTime(_scene.Time.GetUtcNow() - TimeSpan.FromDays(3)), Ct);

        Assert.Equal(1000 * Coin, await _scene.UsedAsync(Ct));
    }

    /// <summary>Holds whoever comes until there are two, again and again.</summary>
    private sealed class Meeting
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource? _waiting;

        public Task BothAreThereAsync()
        {
            lock (_lock)
            {
                if (_waiting is { } first)
                {
                    _waiting = null;
                    first.SetResult();
                    return Task.CompletedTask;
                }

                _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return _waiting.Task;
            }
        }
    }
}
