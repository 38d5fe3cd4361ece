using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;
using FiberLink.Crypto;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.Sandbox.Chain;

namespace FiberLink.EndToEnd.Tests.Keys;

/// <summary>A signer as an operator runs it, on a sandbox chain where its wallet has cells; and a client of it.</summary>
internal sealed class SignerProcess : IAsyncDisposable
{
    public const ulong Coin = CellOutput.ShannonPerByte;
    public const string Passphrase = "correct horse battery staple";

    private static readonly ChainParameters Chain = ChainParameters.Testnet;
    private static readonly FeePolicy Fee = new(1000, Coin / 100);
    private static readonly Script Member = Chain.Sighash.With(ByteString.From(new byte[ChainParameters.KeyHashLength]));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-signer");
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(SigningKey.SecretLength);
    private readonly SandboxChain _chain;
    private readonly PublicKey _publicKey;
    private readonly List<RunningProcess> _processes = [];

    private SignerProcess(SandboxChain chain)
    {
        _chain = chain;
        Node = new JsonRpcCkbNode(_http, new() { Endpoint = chain.Endpoint }, TimeProvider.System);
        using var key = SigningKey.FromSecret(_secret);
        _publicKey = key.PublicKey;
        Write("passphrase", Passphrase + "\n");
        Write("key.txt", SecretHex + "\n");
    }

    public JsonRpcCkbNode Node { get; }

    public string SecretHex => Convert.ToHexStringLower(_secret);

    public string KeyFile => At("key.txt");

    public string PassphraseFile => At("passphrase");

    public string Keystore => At("hub.key");

    public string Settings => At("settings.json");

    public string Journal => At("journal");

    public PublicKey PublicKey => _publicKey;

    /// <summary>The cells that the wallet began with.</summary>
    public IReadOnlyList<Cell> Cells { get; private set; } = [];

    /// <summary>All that the signers have said, and written.</summary>
    public string Traces => string.Join('\n', _processes.Select(p => p.Story)) + File.ReadAllText(Journal) + File.ReadAllText(Keystore);

    private SignerDoor Door => new(At("door/signer.sock"), TimeSpan.FromSeconds(60), TimeProvider.System);

    private RemoteSigner Client => new(
        new() { SocketPath = At("door/signer.sock"), PublicKey = _publicKey, Deadline = TimeSpan.FromSeconds(60) },
        Chain,
        TimeProvider.System);

    /// <summary>A chain with cells of the wallet's, and settings. The keystore is made here unless the test wants to.</summary>
    public static async Task<SignerProcess> PrepareAsync(ulong coinsPerHour, int cells, CancellationToken ct, bool withKeystore = true)
    {
        var chain = await SandboxChain.StartAsync(new() { Listen = new("http://127.0.0.1:0") }, TimeProvider.System, ct);
        var signer = new SignerProcess(chain);
        var wallet = Chain.LockOf(signer._publicKey);
        await new SandboxChainControl(signer._http, signer._chain.Endpoint, Chain).FundAsync(wallet, 500 * Coin, cells, ct);
        signer.Cells = ((ChainAnswer<IReadOnlyList<Cell>>.Ok)await WalletCells.ReadAsync(signer.Node, wallet, cells, ct)).Value;
        signer.Write("settings.json", new JsonObject
        {
            ["network"] = "testnet",
            ["keystore"] = "hub.key",
            ["passphrase_file"] = "passphrase",
            ["socket"] = "door/signer.sock",
            ["journal"] = "journal",
            ["node"] = signer._chain.Endpoint.ToString(),
            ["ckb"] = new JsonObject { ["per_transaction"] = Shannon(100), ["per_hour"] = Shannon(coinsPerHour) },
            ["fee_cap"] = "1000000",
        }.ToJsonString());
        if (withKeystore)
        {
            var passphrase = Encoding.UTF8.GetBytes(Passphrase);
            FiberLink.Chain.Signing.Keystore.Create(
                signer.Keystore, signer._secret, passphrase, FiberLink.Chain.Signing.Keystore.IterationsMin);
        }

        return signer;

        static string Shannon(ulong coins) => (coins * Coin).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Runs the signer, and comes back when it can be asked.</summary>
    public Task<RunningProcess> StartAsync(CancellationToken ct, string? stopAt = null)
    {
        var settings = new Dictionary<string, string>();
        if (stopAt is not null)
        {
            settings["FIBERLINK_TEST_STOP_AT"] = stopAt;
        }

        return ReadyAsync(FiberLinkProgram.Start(["signer", "run", "--settings", Settings], settings), ct);
    }

    /// <summary>As <see cref="StartAsync"/>, and no file that it writes may have more than a few hundred bytes.</summary>
    public Task<RunningProcess> StartOnAFullDiskAsync(CancellationToken ct) => ReadyAsync(
        RunningProcess.Start(
            "/bin/sh",
            [
                "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh",
                "dotnet", FiberLinkProgram.Assembly, "signer", "run", "--settings", Settings,
            ],
            new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" }),
        ct);

    /// <summary>A payment out of one cell that takes so many coins of the limit, fee and all.</summary>
    public UnsignedTransfer Leaving(int cell, ulong coins)
    {
        var fee = (ulong)Plan(cell, 99 * Coin).Fee;
        return Plan(cell, (coins * Coin) - fee);
    }

    public Task<SigningAnswer> AskAsync(UnsignedTransfer transfer, CancellationToken ct) => Client.SignAsync(
        new(Sighash.Digest(transfer.Transaction, [.. Enumerable.Range(0, transfer.Spent.Length)]), transfer), ct);

    public async Task<SigningRefusal> RefusedAsync(UnsignedTransfer transfer, CancellationToken ct) =>
        Assert.IsType<SigningAnswer.Refused>(await AskAsync(transfer, ct)).Reason;

    /// <summary>Has a payment signed, and the chain take it.</summary>
    public async Task PayAsync(UnsignedTransfer transfer, CancellationToken ct)
    {
        var signed = await TransferSigning.SignAsync(transfer, Client, Chain, ct);
        Assert.True(signed is SignedTransfer.Ready, signed.ToString());
        Assert.IsType<SendOutcome.InPool>(await Node.SendTransactionAsync(((SignedTransfer.Ready)signed).Transaction, ct));
    }

    /// <summary>The coins, in shannon, that count for the hour.</summary>
    public async Task<UInt128> UsedAsync(CancellationToken ct)
    {
        var (status, problem) = await Door.StatusAsync(ct);
        Assert.True(status is not null, problem);
        return status!.Assets[0].UsedWithinHour;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await _chain.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private UnsignedTransfer Plan(int cell, ulong amount)
    {
        var order = new TransferOrder(Cells[cell].Output.Lock, [new(Member, Udt: null, amount)], Fee);
        var plan = TransferPlanner.Plan(order, [Cells[cell]], ImmutableHashSet<OutPoint>.Empty, Chain);
        return Assert.IsType<TransferPlan.Planned>(plan).Transfer;
    }

    private async Task<RunningProcess> ReadyAsync(RunningProcess process, CancellationToken ct)
    {
        _processes.Add(process);
        await process.LineAsync(l => l.StartsWith("It signs for ", StringComparison.Ordinal), ct);
        return process;
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
