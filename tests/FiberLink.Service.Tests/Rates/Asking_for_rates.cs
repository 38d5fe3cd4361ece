using System.Net;
using System.Net.Sockets;
using FiberLink.Events.Money;
using FiberLink.Service.Rates;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;
using Microsoft.AspNetCore.Http;

namespace FiberLink.Service.Tests.Rates;

/// <summary>Sources are strangers: whatever they answer, or don't, is a sentence in the log and nothing worse.</summary>
public sealed class Asking_for_rates
{
    [Fact]
    public async Task A_rate_is_taken_from_where_it_stands()
    {
        await using var server = await RateServer.StartAsync("0.004213");
        var time = new ManualTime();

        var told = Assert.IsType<RateAnswer.Told>(await AskAsync(server.Url, time: time));

        Assert.Equal("0.004213", told.Rates[Asset.Ckb].Text);
        Assert.Equal(time.GetUtcNow(), told.FetchedAt);
        Assert.Empty(told.Missing);
    }

    [Fact]
    public async Task It_may_stand_in_a_list_and_as_a_text()
    {
        await using var server = await RateServer.StartAsync("0.004213");

        var told = Assert.IsType<RateAnswer.Told>(await AskAsync(server.Url, "/data/0/price"));

        Assert.Equal("1.5", told.Rates[Asset.Ckb].Text);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.004")]
    [InlineData("null")]
    [InlineData("\"soon\"")]
    [InlineData("{\"value\":1}")]
    public async Task What_is_no_rate_is_missing(string value)
    {
        await using var server = await RateServer.StartAsync(value);

        var told = Assert.IsType<RateAnswer.Told>(await AskAsync(server.Url));

        Assert.Empty(told.Rates);
        Assert.Equal([Asset.Ckb], told.Missing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("{\"nervos-network\":{\"usd\":0.004}")]
    [InlineData("{\"nervos-network\":{\"usd\":0.004,\"usd\":0.4}}")]
    [InlineData("{\"nervos-network\":{\"usd\":00.4}}")]
    [InlineData("{\"nervos-network\":{\"usd\":NaN}}")]
    public async Task What_is_not_strictly_JSON_is_not_read(string text)
    {
        await using var server = await RateServer.StartAsync((context, ct) => RateServer.SayAsync(context, text, ct));

        Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));
    }

    [Theory]
    [InlineData("{\"\\ud800\":1,\"nervos-network\":{\"usd\":0.004}}")]
    [InlineData("{\"\\ud800\":{\"\\udfff\":1}}")]
    [InlineData("{\"nervos-network\":{\"usd\":\"\\ud800\"}}")]
    public async Task Names_and_texts_that_are_no_text_stop_nobody(string text)
    {
        await using var server = await RateServer.StartAsync((context, ct) => RateServer.SayAsync(context, text, ct));

        await AskAsync(server.Url);
    }

    [Fact]
    public async Task What_is_nested_without_end_is_not_read()
    {
        var text = new string('[', 100_000);
        await using var server = await RateServer.StartAsync((context, ct) => RateServer.SayAsync(context, text, ct));

        Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Any_other_status_is_a_failure_that_names_it(int status)
    {
        await using var server = await RateServer.StartAsync("1");
        server.Fail(status);

        var failed = Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));

        Assert.Contains($"{status}", failed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_followed_to_anywhere_else()
    {
        await using var elsewhere = await RateServer.StartAsync("0.4");
        await using var server = await RateServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(elsewhere.Url.ToString());
            return Task.CompletedTask;
        });

        var failed = Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));

        Assert.Contains("302", failed.Why, StringComparison.Ordinal);
        Assert.Equal(0, elsewhere.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_without_end_is_not_read_to_its_end(bool isAnnounced)
    {
        var sent = 0L;
        await using var server = await RateServer.StartAsync(async (context, ct) =>
        {
            context.Response.ContentLength = isAnnounced ? 1L << 40 : null;
            var piece = new byte[64 * 1024];
            Array.Fill(piece, (byte)' ');
            var isHeard = true;
            while (isHeard && sent < 1L << 30)
            {
                isHeard = !(await context.Response.BodyWriter.WriteAsync(piece, ct)).IsCompleted;
                Interlocked.Add(ref sent, piece.Length);
            }
        });

        var failed = Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));

        Assert.Contains("longer", failed.Why, StringComparison.Ordinal);
        Assert.InRange(Interlocked.Read(ref sent), 0, 1L << 28);
    }

    [Fact]
    public async Task An_answer_of_just_the_most_bytes_is_read()
    {
        const string Rate = """{"nervos-network":{"usd":1}}""";
        var length = RateHttpClient.AnswerBytesMax;
        await using var server = await RateServer.StartAsync((context, ct) =>
            RateServer.SayAsync(context, Rate.PadRight(length), ct));

        Assert.IsType<RateAnswer.Told>(await AskAsync(server.Url));

        length++;
        Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_does_not_come_to_an_end_has_its_deadline(bool hasBegun)
    {
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await RateServer.StartAsync(async (context, ct) =>
        {
            if (hasBegun)
            {
                await context.Response.WriteAsync("{", ct);
                await context.Response.Body.FlushAsync(ct);
            }

            isAsked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        });
        var time = new ManualTime();

        var asking = AskAsync(server.Url, time: time);
        await isAsked.Task.WaitAsync(Ct);
        time.Advance(RateReader.Deadline - TimeSpan.FromTicks(1));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        await Eventually.HoldsAsync("it is given up", () => asking.IsCompleted, Ct);

        Assert.Contains("10 s", Assert.IsType<RateAnswer.Failed>(await asking).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_away_is_a_failure_that_does_not_tell_its_address()
    {
        var failed = Assert.IsType<RateAnswer.Failed>(await AskAsync(new Uri($"http://127.0.0.1:{ClosedPort()}/prices?key=the-key")));

        Assert.DoesNotContain("the-key", failed.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", failed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_hangs_up_in_the_middle_is_a_failure()
    {
        await using var server = await RateServer.StartAsync(async (context, ct) =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("{", ct);
            await context.Response.Body.FlushAsync(ct);
            context.Abort();
        });

        Assert.IsType<RateAnswer.Failed>(await AskAsync(server.Url));
    }

    [Fact]
    public async Task Who_is_told_to_stop_stops()
    {
        using var stop = new CancellationTokenSource();
        await using var server = await RateServer.StartAsync(async (_, ct) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        });
        using var http = new RateHttpClient();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new RateReader(http, new TestClock()).AskAsync(RateScene.Source("a", server.Url), stop.Token));
    }

    private static async Task<RateAnswer> AskAsync(Uri url, string path = "/nervos-network/usd", TimeProvider? time = null)
    {
        using var http = new RateHttpClient();
        return await new RateReader(http, time ?? new TestClock()).AskAsync(RateScene.Source("a", url, path), Ct);
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
