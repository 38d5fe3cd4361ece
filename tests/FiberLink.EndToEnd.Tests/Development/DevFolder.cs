using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Postgres;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary>A folder for <c>fiberlink dev</c>, and the program in it as a developer types it. Disposing leaves nothing behind.</summary>
internal sealed class DevFolder : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fiberlink-dev-");

    public DevFolder()
    {
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL runs as another user when we are root.
            _root.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        }
    }

    public string Path => _root.FullName;

    /// <summary>What is set in the shell where the commands are typed.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    /// <summary>What <c>dev</c> has written for other programs.</summary>
    public async Task<JsonObject> DevFileAsync(CancellationToken ct) =>
        JsonNode.Parse(await File.ReadAllTextAsync(System.IO.Path.Combine(Path, "dev.json"), ct))!.AsObject();

    /// <summary>The first process of the private PostgreSQL.</summary>
    public async Task<int> PostgresIdAsync(CancellationToken ct) => int.Parse(
        (await File.ReadAllLinesAsync(System.IO.Path.Combine(Path, "postgres", "postmaster.pid"), ct))[0], CultureInfo.InvariantCulture);

    /// <summary>Starts <c>dev</c> on free ports and comes back when everything runs.</summary>
    public async Task<RunningProcess> StartDevAsync(CancellationToken ct, params string[] arguments)
    {
        var dev = BeginDev(arguments);
        try
        {
            await dev.LineAsync(l => l.StartsWith("Ctrl-C stops", StringComparison.Ordinal), ct);
            return dev;
        }
        catch
        {
            await dev.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>dev</c> and waits for nothing. What comes last holds.</summary>
    public RunningProcess BeginDev(params string[] arguments)
    {
        string[] ports =
        [
            .. Default("--port", "0"),
            .. Default("--node-port", "0"),
            .. Default("--chain-port", "0"),
            .. Default("--database-port", "5433"),
        ];
        return FiberLinkProgram.Start(["dev", "--home", Path, .. ports, .. arguments], Settings);

        string[] Default(string option, string value) => arguments.Contains(option) ? [] : [option, value];
    }

    /// <summary>Runs a command on what runs here.</summary>
    public Task<Finished> RunAsync(CancellationToken ct, params string[] arguments) =>
        FiberLinkProgram.RunAsync([.. arguments, "--home", Path], Settings, ct);

    /// <summary>Runs a command that must do what it was asked for.</summary>
    public async Task<string> DoAsync(CancellationToken ct, params string[] arguments)
    {
        var finished = await RunAsync(ct, arguments);
        Assert.True(finished.ExitCode == 0, $"{string.Join(' ', arguments)}: {finished}");
        return finished.Output;
    }

    /// <summary>Runs a command that must end so, and say so, whether as its result or as an error.</summary>
    public async Task EndsAsync(int exitCode, string says, params string[] arguments)
    {
        var finished = await RunAsync(TestContext.Current.CancellationToken, arguments);
        Assert.True(finished.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {finished}");
        Assert.Contains(says, finished.Output + finished.Errors, StringComparison.Ordinal);
    }

    /// <summary>Runs a command that must end so, and say why on the error stream, where it does not get into anybody's data.</summary>
    public async Task FailsAsync(int exitCode, string why, params string[] arguments)
    {
        var finished = await RunAsync(TestContext.Current.CancellationToken, arguments);
        Assert.True(finished.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {finished}");
        Assert.Contains(why, finished.Errors, StringComparison.Ordinal);
    }

    /// <summary>Runs a command and reads the JSON it must print.</summary>
    public async Task<JsonNode> JsonAsync(CancellationToken ct, params string[] arguments) =>
        JsonNode.Parse(await DoAsync(ct, [.. arguments, "--json"]))!;

    /// <summary>The invoice of a new tip over a call by hand.</summary>
    public async Task<string> TipAsync(string post, string amount, CancellationToken ct)
    {
        var wish = new JsonObject
        {
            ["amount"] = amount,
            ["asset"] = "CKB",
            ["postId"] = post,
            ["fromUserId"] = "7",
            ["toUserId"] = "9",
        };
        return (string)(await JsonAsync(ct, "rpc", "tip.create", wish.ToJsonString()))["result"]!["invoice"]!;
    }

    /// <summary>Member 9 asks for 50 CKB, to an invoice of somebody outside.</summary>
    public async Task<(string Id, string Invoice)> WithdrawFiftyAsync(CancellationToken ct)
    {
        var invoice = await DoAsync(ct, "sandbox", "payee-invoice", "5000000000");
        var wish = new JsonObject
        {
            ["userId"] = "9",
            ["amount"] = "50",
            ["asset"] = "CKB",
            ["destination"] = new JsonObject { ["kind"] = "PAYMENT_REQUEST", ["paymentRequest"] = invoice },
        };
        return ((string)(await JsonAsync(ct, "rpc", "withdrawal.request", wish.ToJsonString()))["result"]!["id"]!, invoice);
    }

    /// <summary>The tip's state in the contract's words.</summary>
    public async Task<string> TipStateAsync(string invoice, CancellationToken ct) =>
        (string)(await JsonAsync(ct, "rpc", "tip.status", new JsonObject { ["invoice"] = invoice }.ToJsonString()))["result"]!["state"]!;

    public async ValueTask DisposeAsync()
    {
        await PrivatePostgres.RemoveAsync(Path, CancellationToken.None);
        _root.Delete(recursive: true);
    }
}
