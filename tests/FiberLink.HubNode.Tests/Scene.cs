using FiberLink.Sandbox;
using FiberLink.Sandbox.Control;

namespace FiberLink.HubNode.Tests;

/// <summary>A sandbox node, a client of it, and the hand that makes things happen; each clock is driven by the test.</summary>
internal sealed class Scene : IAsyncDisposable
{
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private int _preimages;

    private Scene(SandboxNode node, DrivenTime time)
    {
        Node = node;
        Time = time;
        Http = Wire.NewHttpClient();
        Control = new SandboxControl(Http, node.Endpoint);
        // Repeating waits by a clock that stands still here, and tests count what one call does.
        Hub = new JsonRpcHubNode(Http, new() { Endpoint = node.Endpoint, CallTimeout = CallTimeout, RetriesMax = 0 }, ClientTime);
    }

    public SandboxNode Node { get; }

    /// <summary>The node's clock.</summary>
    public DrivenTime Time { get; }

    public DrivenTime ClientTime { get; } = new();

    public HttpClient Http { get; }

    public SandboxControl Control { get; }

    public JsonRpcHubNode Hub { get; }

    public static async Task<Scene> StartAsync(
        FiberCurrency currency = FiberCurrency.Fibt, string? stateFile = null, int? seed = 1, DrivenTime? time = null)
    {
        time ??= new();
        var options = new SandboxNodeOptions
        {
            Listen = new("http://127.0.0.1:0"),
            Currency = currency,
            StateFile = stateFile,
            Seed = seed,
        };
        return new(await SandboxNode.StartAsync(options, time, Ct), time);
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An invoice that nobody has asked for yet.</summary>
    public NewInvoice NewInvoice()
    {
        var preimage = new byte[32];
        preimage[31] = (byte)++_preimages;
        return new(
            100_000_000,
            FiberCurrency.Fibt,
            Preimage.FromBytes(preimage),
            InvoiceHashAlgorithm.CkbHash,
            TimeSpan.FromHours(1),
            UdtTypeScript: null,
            "a tip");
    }

    /// <summary>One that the node has.</summary>
    public async Task<HubInvoice> CreateAsync() => Answers.Value(await Hub.CreateInvoiceAsync(NewInvoice(), Ct));

    public async Task<HubInvoiceStatus?> StatusAsync(PaymentHash hash) => Answers.Value(await Hub.FindInvoiceAsync(hash, Ct)).Status;

    /// <summary>Polls, because HTTP has no clock that could be driven.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Yield();
            Ct.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Hub.Dispose();
        Http.Dispose();
        await Node.DisposeAsync();
    }
}
