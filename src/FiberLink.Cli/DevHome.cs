using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.Service.Audit;
using FiberLink.Service.Startup;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Cli;

/// <summary>The folder in which <c>fiberlink dev</c> keeps its data, and where other commands look for what it runs.</summary>
internal sealed class DevHome
{
    private const string HomeVariable = "FIBERLINK_HOME";
    private const string DefaultFolder = ".fiberlink";
    private const int MasterKeyBytes = 32;

    // An address keeps its ampersand, for those who read the file with other tools.
    private static readonly DevFileJson Readable =
        new(new JsonSerializerOptions(DevFileJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private DevHome(string folder) => Folder = folder;

    public string Folder { get; }

    public string SandboxState => Path.Combine(Folder, "sandbox.jsonl");

    public string ChainState => Path.Combine(Folder, "chain.jsonl");

    private string SignerKey => Path.Combine(Folder, "signer.key");

    // It names cells of the chain beside it.
    private string SignerJournal => Path.Combine(Folder, "signer.journal");

    private string DevFile => Path.Combine(Folder, "dev.json");

    private string AuditKey => Path.Combine(Folder, "audit.key");

    private string AuditPassphrase => Path.Combine(Folder, "audit.passphrase");

    private string MasterKeyFile => Path.Combine(Folder, "master.key");

    public static DevHome At(string? folder) =>
        new(Path.GetFullPath(folder ?? (Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } set ? set : DefaultFolder)));

    /// <summary>What a running <c>fiberlink dev</c> wrote; null when there is none.</summary>
    public DevFile? Read()
    {
        try
        {
            return File.Exists(DevFile) ? JsonSerializer.Deserialize(File.ReadAllText(DevFile), DevFileJson.Default.DevFile) : null;
        }
        catch (JsonException broken)
        {
            throw new CommandFailedException(ExitCode.Usage, $"{DevFile} cannot be read: {broken.Message} Run 'fiberlink dev' again.");
        }
    }

    /// <summary>Keeps every other <c>fiberlink dev</c> out of the folder until disposed, or until the process has ended.</summary>
    /// <exception cref="CommandFailedException">One runs here; nothing of it was touched.</exception>
    public FileStream Occupy()
    {
        Directory.CreateDirectory(Folder);
        try
        {
            return new FileStream(Path.Combine(Folder, "dev.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CommandFailedException(
                ExitCode.Unavailable,
                $"A 'fiberlink dev' runs in {Folder} already: stop it, or choose another folder (--home) and ports "
                + "(--port, --node-port, --chain-port).");
        }
    }

    public void Write(DevFile file) => File.WriteAllText(DevFile, JsonSerializer.Serialize(file, Readable.DevFile) + "\n");

    /// <summary>The development master key; made when there is none. It belongs to the data beside it.</summary>
    public void EnsureMasterKey()
    {
        if (File.Exists(MasterKeyFile))
        {
            return;
        }

        WriteOwn(MasterKeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(MasterKeyBytes)));
    }

    /// <summary>The key that seals the development log, and its passphrase; made when there is none.</summary>
    public void EnsureAuditKey()
    {
        if (File.Exists(AuditKey))
        {
            return;
        }

        var passphrase = Convert.ToBase64String(RandomNumberGenerator.GetBytes(MasterKeyBytes));
        File.Delete(AuditPassphrase);
        WriteOwn(AuditPassphrase, passphrase);
        AuditKeyFile.Create(AuditKey, AuditSettings.OriginDefault, passphrase).Dispose();
    }

    /// <summary>Forgets everything but the database's folder, which its server removes itself.</summary>
    public void Clear()
    {
        string[] files =
        [
            DevFile, SandboxState, ChainState, SignerKey, SignerJournal, MasterKeyFile, AuditKey, AuditPassphrase,
            AuditKeyFile.MemoryOf(AuditKey),
        ];
        foreach (var file in files)
        {
            File.Delete(file);
        }
    }

    /// <summary>A setting: from the environment, else from what <c>fiberlink dev</c> runs here.</summary>
    public string? Variable(string name)
    {
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } set)
        {
            return set;
        }

        return name switch
        {
            Names.Database => Read()?.ConnectionString,
            Names.NodeUrl => Read()?.NodeUrl,
            Names.CkbUrl => Read()?.ChainUrl,
            Names.SignerSocket => Read()?.SignerSocket,
            Names.SignerPubkey => Read()?.SignerPubkey,

            // The key goes with the database it is for.
            $"{Names.MasterKey}_FILE"
                when Environment.GetEnvironmentVariable(Names.MasterKey) is not { Length: > 0 } && File.Exists(MasterKeyFile) =>
                MasterKeyFile,
            Names.AuditKey when File.Exists(AuditKey) => AuditKey,
            $"{Names.AuditKeyPassphrase}_FILE"
                when Environment.GetEnvironmentVariable(Names.AuditKeyPassphrase) is not { Length: > 0 } && File.Exists(AuditPassphrase) =>
                AuditPassphrase,
            _ => null,
        };
    }

    private static void WriteOwn(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(text);
    }

    /// <summary>What the log is called and signed with, for a command that needs no database.</summary>
    public AuditSettings SealingSettings() => SettingsReader.ReadForAudit(Variable);

    /// <summary>Settings for a command that looks into the database.</summary>
    public ServiceSettings ToolSettings() => SettingsReader.ReadForTools(Variable);
}

/// <summary>What runs where, for other programs.</summary>
/// <param name="ServiceUrl">The service.</param>
/// <param name="NodeUrl">The Fiber node's JSON-RPC.</param>
/// <param name="Database">A <c>postgresql://</c> URI that psql takes.</param>
/// <param name="ConnectionString">The same for Npgsql.</param>
/// <param name="AppId">The demo community.</param>
/// <param name="Secret">Its secret.</param>
/// <param name="ChainUrl">The chain node's JSON-RPC; null when there is none.</param>
/// <param name="SignerSocket">Where the wallet's signer listens; null when there is none.</param>
/// <param name="SignerPubkey">The wallet's public key; null when there is none.</param>
internal sealed record DevFile(
    string ServiceUrl,
    string NodeUrl,
    string Database,
    string ConnectionString,
    string AppId,
    string Secret,
    string? ChainUrl,
    string? SignerSocket,
    string? SignerPubkey);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DevFile))]
internal sealed partial class DevFileJson : JsonSerializerContext;
