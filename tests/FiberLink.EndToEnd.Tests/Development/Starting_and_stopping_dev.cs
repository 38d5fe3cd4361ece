using System.Net;
using System.Net.Sockets;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Testing;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>fiberlink dev</c> comes up, goes down and leaves nothing running, however it ends.</summary>
public sealed class Starting_and_stopping_dev
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ctrl_C_stops_all_of_it_and_the_next_start_finds_the_data()
    {
        await using var folder = new DevFolder();
        string invoice;
        await using (var dev = await folder.StartDevAsync(Ct))
        {
            invoice = await SettledTipAsync(folder);
            await AssertLeavesNothingAsync(folder, dev, dev.InterruptAsync);
        }

        await using (var dev = await folder.StartDevAsync(Ct))
        {
            Assert.Contains("CKB    1.5", await folder.DoAsync(Ct, "balance", "demo", "9"), StringComparison.Ordinal);
            Assert.Contains(invoice, await folder.DoAsync(Ct, "sandbox", "list"), StringComparison.Ordinal);
            await AssertLeavesNothingAsync(folder, dev, dev.TerminateAsync);
        }

        await using (await folder.StartDevAsync(Ct, "--fresh"))
        {
            Assert.Contains("never had", await folder.DoAsync(Ct, "balance", "demo", "9"), StringComparison.Ordinal);
            Assert.DoesNotContain(invoice, await folder.DoAsync(Ct, "sandbox", "list"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_killed_dev_is_started_again_with_everything_there()
    {
        await using var folder = new DevFolder();
        string invoice;
        int postgres;
        await using (var dev = await folder.StartDevAsync(Ct))
        {
            invoice = await SettledTipAsync(folder);
            postgres = await folder.PostgresIdAsync(Ct);
            await dev.KillAsync();
        }

        await using var again = await folder.StartDevAsync(Ct);
        Assert.Equal(postgres, await folder.PostgresIdAsync(Ct));
        Assert.Contains("taken over", again.Output, StringComparison.Ordinal);
        Assert.Equal("SETTLED", await folder.TipStateAsync(invoice, Ct));
        Assert.Contains("CKB    1.5", await folder.DoAsync(Ct, "balance", "demo", "9"), StringComparison.Ordinal);
        await AssertLeavesNothingAsync(folder, again, again.InterruptAsync);
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--node-port")]
    public async Task A_taken_port_is_said_and_nothing_is_left_running(string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var folder = new DevFolder();

        await using var dev = folder.BeginDev(option, $"{port}");

        Assert.Equal(3, await dev.ExitCodeAsync(Ct));
        Assert.Contains($"{port}", dev.Errors, StringComparison.Ordinal);
        Assert.Contains("address already in use", dev.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", dev.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Path, "postgres", "postmaster.pid")));
    }

    [Fact]
    public async Task A_second_one_in_the_same_folder_leaves_the_first_alone()
    {
        await using var folder = new DevFolder();
        await using var first = await folder.StartDevAsync(Ct);
        var file = await folder.DevFileAsync(Ct);

        foreach (var arguments in (string[][])[[], ["--fresh"]])
        {
            await using var second = folder.BeginDev(arguments);
            Assert.Equal(3, await second.ExitCodeAsync(Ct));
            Assert.Contains(folder.Path, second.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(file.ToJsonString(), (await folder.DevFileAsync(Ct)).ToJsonString());
        await SettledTipAsync(folder);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_said()
    {
        await using var folder = new DevFolder();
        var file = Path.Combine(folder.Path, "a file");
        await File.WriteAllTextAsync(file, "", Ct);

        var finished = await FiberLinkProgram.RunAsync(["dev", "--home", file], null, Ct);

        Assert.Equal(3, finished.ExitCode);
        Assert.Contains("a file", finished.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Errors, StringComparison.Ordinal);
    }

    private static async Task<string> SettledTipAsync(DevFolder folder)
    {
        var invoice = await folder.TipAsync("42", "1.5", Ct);
        await folder.DoAsync(Ct, "sandbox", "pay", invoice);
        await Eventually.HoldsAsync("it is settled", async () => await folder.TipStateAsync(invoice, Ct) == "SETTLED", Ct);
        return invoice;
    }

    private static async Task AssertLeavesNothingAsync(DevFolder folder, RunningProcess dev, Func<CancellationToken, Task> stopAsync)
    {
        var before = await ProcessTable.ReadAsync(Ct);
        int[] family = [.. before.Family(dev.Id), .. before.Family(await folder.PostgresIdAsync(Ct))];
        Assert.True(family.Length > 3, "PostgreSQL has several processes.");
        var port = new Uri((string)(await folder.DevFileAsync(Ct))["serviceUrl"]!).Port;

        await stopAsync(Ct);

        Assert.Equal(0, await dev.ExitCodeAsync(Ct));
        Assert.Equal("", dev.Errors);
        Assert.DoesNotContain("fail:", dev.Output, StringComparison.Ordinal);
        var after = await ProcessTable.ReadAsync(Ct);
        Assert.DoesNotContain(family, after.IsAlive);
        using var free = new TcpListener(IPAddress.Loopback, port);
        free.Start();
    }
}
