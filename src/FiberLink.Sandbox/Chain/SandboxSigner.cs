using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Text;
using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>How the sandbox's signer is to be.</summary>
public sealed record SandboxSignerOptions
{
    /// <summary>Where its key, its journal and its socket are. The same folder has the same key again.</summary>
    public required string Folder { get; init; }

    /// <summary>Whose wallet it is, and the node at which cells are looked up.</summary>
    public required ChainParameters Chain { get; init; }

    /// <summary>Limits of tokens that it signs for, beside its limits of coins.</summary>
    public ImmutableArray<AssetLimit> Tokens { get; init; } = [];

    /// <summary>A line for the log.</summary>
    public Action<string> Say { get; init; } = _ => { };
}

/// <summary>
/// A signer inside of this process, with a key that is made at the first start, for development and tests. Whoever uses it goes over its
/// socket as over that of a real one. The passphrase of its keystore is no secret, so nothing of value may be on its address.
/// Where this is not Linux, a <see cref="KeySigner"/> does.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class SandboxSigner : IAsyncDisposable
{
    private const ulong Coin = CellOutput.ShannonPerByte;
    private const int SocketPathBytesMax = 107;

    private static readonly byte[] Passphrase = "the sandbox keeps no secrets"u8.ToArray();

    private readonly SigningKey _key;
    private readonly SignerServer _server;

    private SandboxSigner(SigningKey key, SignerServer server, string socketPath, ChainParameters chain, TimeProvider time)
    {
        (_key, _server, SocketPath) = (key, server, socketPath);
        Lock = chain.LockOf(key.PublicKey);
        Address = AddressCodec.Write(Lock, chain);
        Signer = new RemoteSigner(new() { SocketPath = socketPath, PublicKey = key.PublicKey }, chain, time);
    }

    /// <summary>A client of it.</summary>
    public ISigner Signer { get; }

    /// <summary>Where other processes reach it.</summary>
    public string SocketPath { get; }

    /// <summary>Of its wallet.</summary>
    public Script Lock { get; }

    /// <summary>Of its wallet.</summary>
    public string Address { get; }

    /// <summary>Answers as soon as it can be asked.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="node">Where cells are looked up.</param>
    /// <param name="time">What limits go by.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SandboxInProductionException">An environment variable says that this is production.</exception>
    /// <exception cref="SignerStartException">Its folder is not as it should be.</exception>
    public static async Task<SandboxSigner> StartAsync(
        SandboxSignerOptions options, ICkbNode node, TimeProvider time, CancellationToken ct)
    {
        ProductionGuard.Check(Environment.GetEnvironmentVariable);
        Directory.CreateDirectory(options.Folder);
        var key = OpenKey(Path.Combine(options.Folder, "signer.key"));
        try
        {
            var socketPath = SocketIn(options.Folder);
            var server = await SignerServer.StartAsync(ServerOptions(options, socketPath), key, node, time, ct);
            return new(key, server, socketPath, options.Chain, time);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
        if (Path.GetDirectoryName(SocketPath) is { } folder && Directory.Exists(folder))
        {
            // Empty by now; the next start makes it again.
            Directory.Delete(folder);
        }
    }

    private static SignerServerOptions ServerOptions(SandboxSignerOptions options, string socketPath) => new()
    {
        Policy = new()
        {
            Chain = options.Chain,
            Limits = [new(AssetLimit.Coins, Type: null, 1_000_000 * Coin, 10_000_000 * (UInt128)Coin), .. options.Tokens],
            FeeCap = Coin,
            FundsChannels = true,
        },
        SocketPath = socketPath,
        JournalPath = Path.Combine(options.Folder, "signer.journal"),
        Say = options.Say,
    };

    private static SigningKey OpenKey(string path)
    {
        var reading = File.Exists(path)
            ? Keystore.Open(path, Passphrase)
            : Keystore.Create(path, Passphrase, Keystore.IterationsMin);
        return reading is KeystoreReading.Opened opened
            ? opened.Key
            : throw new SignerStartException("keystore", ((KeystoreReading.Refused)reading).Detail);
    }

    // A socket's path is short; where the folder's is not, a place of its own will do.
    private static string SocketIn(string folder)
    {
        var path = Path.GetFullPath(Path.Combine(folder, "signer", "signer.sock"));
        return Encoding.UTF8.GetByteCount(path) <= SocketPathBytesMax
            ? path
            : Path.Combine(Directory.CreateTempSubdirectory("fiberlink-signer").FullName, "signer.sock");
    }
}
