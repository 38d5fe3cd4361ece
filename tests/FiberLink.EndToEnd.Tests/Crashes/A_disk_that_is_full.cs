using System.Diagnostics;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;
using Npgsql;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Crashes;

/// <summary>The disk that PostgreSQL writes its log to has no room; tips are made and paid all the while.</summary>
public sealed class A_disk_that_is_full
{
    private const int ForumsAtOnce = 4;
    private const int Megabytes = 96;
    private const int Times = 2;
    private const int PaidBetween = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stops_everything_and_loses_nothing_and_the_service_goes_on_when_there_is_room()
    {
        await using var server = await OwnServer.StartAsync(Ct);
        await using var disk = await OnASmallDiskAsync(server);
        await using var scene = await ServiceScene.StartOnAsync(server, Ct);
        await using var service = await scene.StartServiceAsync(Ct, (Names.RepeatWindowSeconds, "86400"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var forums = new TippingForums(service.Forum, scene.Node);
        var tipping = forums.RunAsync(ForumsAtOnce, stop.Token, Ct);

        for (var time = 0; time < Times; time++)
        {
            var paid = forums.Paid;
            await Eventually.HoldsAsync("tips are made and paid", () => forums.Paid > paid + PaidBetween, Ct);
            await ReadyAsync(200);
            disk.Fill();
            var full = Stopwatch.GetTimestamp();
            await UseUpAsync(server);
            await ReadyAsync(503);
            Say($"Full: not ready after {Stopwatch.GetElapsedTime(full)}: {(await service.ReadinessAsync(scene.Http, Ct)).Why}");

            // PostgreSQL ends when it can't write its log. With no room it does not come up again, whoever tries.
            await Eventually.HoldsAsync("the server has given up", () => !server.IsRunning, Ct);
            disk.Free();
            await server.StartAgainAsync();
            var free = Stopwatch.GetTimestamp();
            await ReadyAsync(200);
            Say($"Room: ready after {Stopwatch.GetElapsedTime(free)}");
        }

        await stop.CancelAsync();
        await tipping;
        await forums.AssertSettledOnceAsync(scene.Books, Ct);
        Assert.False(service.Process.HasExited);
        Say($"{forums.Paid} payments");

        Task ReadyAsync(int status) =>
            Eventually.HoldsAsync(
                $"ready says {status}",
                async () => (await service.ReadinessAsync(scene.Http, Ct)).Status == status,
                Ct);
    }

    /// <summary>Moves the server's log to a disk of its own.</summary>
    private static async Task<SmallDisk> OnASmallDiskAsync(OwnServer server)
    {
        await server.ExecuteAsync("alter system set min_wal_size = '32MB'", Ct);
        await server.ExecuteAsync("alter system set max_wal_size = '48MB'", Ct);
        await server.StopAsync();
        var (disk, why) = await SmallDisk.TryMakeAsync(Megabytes, await OwnerAsync(server.DataDirectory), Ct);
        if (disk is null)
        {
            // At a desk one may go without; the build server has to have the right.
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is not "true", why);
            Assert.Fail(why);
        }

        await ShellAsync(
            "cp -a \"$1/pg_wal/.\" \"$2/\" && rm -r \"$1/pg_wal\" && ln -s \"$2\" \"$1/pg_wal\"", server.DataDirectory, disk.Root);
        await server.StartAgainAsync();
        return disk;
    }

    /// <summary>Begins one file of the log after the other, until there is none left that was made while there was room.</summary>
    private static async Task UseUpAsync(OwnServer server)
    {
        try
        {
            while (true)
            {
                await server.ExecuteAsync("select pg_switch_wal()", Ct);
            }
        }
        catch (NpgsqlException)
        {
            // It has none left.
        }
    }

    private static async Task<(string User, string Group)> OwnerAsync(string path) =>
        (await ShellAsync("stat -c %u \"$1\"", path), await ShellAsync("stat -c %g \"$1\"", path));

    private static async Task<string> ShellAsync(string script, params string[] arguments)
    {
        await using var shell = RunningProcess.Start("sh", ["-c", script, "sh", .. arguments]);
        Assert.True(await shell.ExitCodeAsync(Ct) == 0, shell.Story);
        return shell.Output;
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
