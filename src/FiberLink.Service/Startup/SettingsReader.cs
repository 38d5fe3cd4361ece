using System.Globalization;
using System.Text.RegularExpressions;
using FiberLink.Events.Tips;
using FiberLink.HubNode;
using FiberLink.Messaging;
using FiberLink.Postgres;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

/// <summary>Reads the settings from environment variables. Everything that is wrong is said at once, each by its name.</summary>
public sealed partial class SettingsReader
{
    private const string FileSuffix = "_FILE";
    private const int MasterKeyBytes = 32;

    private static readonly Uri NoNode = new("http://127.0.0.1:8227");

    private readonly Func<string, string?> _variable;
    private readonly Purpose _purpose;
    private readonly List<string> _problems = [];

    private SettingsReader(Func<string, string?> variable, Purpose purpose) => (_variable, _purpose) = (variable, purpose);

    private enum Purpose
    {
        Service = 1,
        Database = 2,
        Node = 3,
        DatabaseAndNode = 4,
    }

    /// <param name="variable">Looks a variable up; null when it is not set.</param>
    /// <exception cref="SettingsException">Something is missing or wrong; the message has a line for each.</exception>
    public static ServiceSettings Read(Func<string, string?> variable) => Read(variable, Purpose.Service);

    /// <summary>As <see cref="Read(Func{string, string?})"/>, for tools that only look into the database: no node is needed.</summary>
    public static ServiceSettings ReadForTools(Func<string, string?> variable) => Read(variable, Purpose.Database);

    /// <summary>As <see cref="Read(Func{string, string?})"/>, for tools that only ask the node: no database is needed.</summary>
    public static ServiceSettings ReadForNode(Func<string, string?> variable) => Read(variable, Purpose.Node);

    /// <summary>As <see cref="Read(Func{string, string?})"/>, for tools that compare the two: no master key is needed.</summary>
    public static ServiceSettings ReadForDatabaseAndNode(Func<string, string?> variable) => Read(variable, Purpose.DatabaseAndNode);

    private static ServiceSettings Read(Func<string, string?> variable, Purpose purpose)
    {
        var reader = new SettingsReader(variable, purpose);
        var settings = reader.Read();
        settings = settings with { Treasury = reader.Treasury(settings.Tokens) };
        reader.CheckTokens(settings);
        reader.CheckUsd(settings);
        reader.CheckTreasury(settings);
        return reader._problems.Count == 0 ? settings : throw new SettingsException(reader._problems);
    }

    private ServiceSettings Read() =>
        new()
        {
            Database = _purpose is not Purpose.Node
                ? Required(Names.Database, ConnectionText.Parse, "a postgresql:// URI or an Npgsql connection string") ?? ""
                : "",
            NodeUrl = _purpose is not Purpose.Database
                ? Required(Names.NodeUrl, NodeUri, "an http://, https://, ws:// or wss:// address, such as http://127.0.0.1:8227") ?? NoNode
                : NoNode,
            NodeToken = NodeToken(),
            NodeTokenFile = Text(Names.NodeTokenFile),
            NodePubkey = Optional<string?>(Names.NodePubkey, Pubkey, "66 hexadecimal digits", null),
            NodeTimeout = Seconds(Names.NodeTimeoutSeconds, 5, 1, 60),
            SettlementCallsPerSecond = (int)Whole(Names.SettlementCallsPerSecond, 1_000, 1, 10_000),
            Urls = Optional(Names.Urls, UrlList, "http:// addresses separated by semicolons", "http://127.0.0.1:8080"),
            MasterKeys = MasterKeyList(),
            Network = Optional(Names.Network, Network, "mainnet, testnet or dev", FiberCurrency.Fibt),
            Tokens = Optional(Names.Assets, AssetSettings.Parse, "a JSON array of tokens", []),
            HashAlgorithm = Optional(Names.HashAlgorithm, Algorithm, "ckb_hash or sha256", HashAlgorithm.CkbHash),
            InvoiceExpiry = Seconds(Names.InvoiceExpirySeconds, 3_600, 5, 1_209_600),
            RepeatWindow = Seconds(Names.RepeatWindowSeconds, 60, 0, 86_400),
            RateLimitEnabled = Optional(Names.RateLimitEnabled, Switch, "true or false", true),
            RateLimitRequests = (int)Whole(Names.RateLimitRequests, 300, 1, 1_000_000),
            RateLimitWindow = Seconds(Names.RateLimitWindowSeconds, 60, 1, 3_600),
            MessagesInFlight = (int)Whole(Names.MessagesInFlight, 16, MessagingOptions.InFlightMinimum, MessagingOptions.InFlightMaximum),
            MessagesKept = TimeSpan.FromDays(Whole(Names.MessagesKeptDays, 7, 1, 365)),
            Payouts = Payouts(),
            Usd = Usd(),
            Audit = Audit(),
            StopAt = _variable(Names.StopAt),
        };

    private List<byte[]> MasterKeyList()
    {
        const string Expected = "32 random bytes in base64 (openssl rand -base64 32); older keys may follow behind commas";
        if (Secret(Names.MasterKey) is not { } text)
        {
            if (_purpose is not Purpose.Service)
            {
                return [];
            }

            _problems.Add($"{Names.MasterKey} (or {Names.MasterKey}{FileSuffix}) is not set; it takes {Expected}.");
            return [];
        }

        var keys = new List<byte[]>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var key = new byte[MasterKeyBytes];
            if (!Convert.TryFromBase64String(item, key, out var bytes) || bytes != MasterKeyBytes)
            {
                // The value itself is a secret and is not repeated.
                _problems.Add($"{Names.MasterKey}: key {keys.Count + 1} is not {Expected}.");
                return [];
            }

            keys.Add(key);
        }

        if (keys.Count == 0 || keys.DistinctBy(Convert.ToBase64String).Count() != keys.Count)
        {
            _problems.Add($"{Names.MasterKey} holds {(keys.Count == 0 ? "no key" : "a key twice")}; it takes {Expected}.");
        }

        return keys;
    }

    /// <summary>One in a file is left there: it may change, and is read again.</summary>
    private string? NodeToken()
    {
        var token = Text(Names.NodeToken);
        if (HubNodeOptions.TokenObjection(token, Text(Names.NodeTokenFile), Names.NodeToken, Names.NodeTokenFile) is { } objection)
        {
            _problems.Add(objection);
        }

        return token;
    }

    private string? Text(string name) => _variable(name) is { Length: > 0 } value ? value : null;

    private string? Secret(string name)
    {
        if (Text(name + FileSuffix) is not { } path)
        {
            return Text(name);
        }

        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{name}{FileSuffix}: the file '{path}' cannot be read: {broken.Message}");
            return null;
        }
    }

    private T? Required<T>(string name, Func<string, T> parse, string expected)
        where T : class
    {
        if (_variable(name) is { Length: > 0 } text)
        {
            return Parse(name, text, parse, expected, null);
        }

        _problems.Add($"{name} is not set; it takes {expected}.");
        return null;
    }

    private T Optional<T>(string name, Func<string, T> parse, string expected, T otherwise) =>
        _variable(name) is { Length: > 0 } text ? Parse(name, text, parse, expected, otherwise) : otherwise;

    private T Parse<T>(string name, string text, Func<string, T> parse, string expected, T otherwise)
    {
        try
        {
            return parse(text);
        }
        catch (Exception broken) when (broken is FormatException or ArgumentException)
        {
            _problems.Add($"{name} takes {expected}: {broken.Message}");
            return otherwise;
        }
    }

    private TimeSpan Seconds(string name, long otherwise, long least, long most) =>
        TimeSpan.FromSeconds(Whole(name, otherwise, least, most));

    private long Whole(string name, long otherwise, long least, long most) =>
        Optional(
            name,
            text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new FormatException($"'{text}' is not one"),
            $"a whole number from {least} to {most}",
            otherwise);

    private static Uri HttpUri(string text) => AbsoluteUri(text, "http", "https");

    private static Uri NodeUri(string text) => AbsoluteUri(text, "http", "https", "ws", "wss");

    private static string Pubkey(string text) =>
        Regex.IsMatch(text, HubNodeOptions.PubkeyPattern) ? text : throw new FormatException($"'{text}' is not that");

    private static Uri AbsoluteUri(string text, params ReadOnlySpan<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme)
            ? uri

            // Not repeated: people write a name and a password into addresses.
            : throw new FormatException("the text is not one");

    private static string UrlList(string text)
    {
        foreach (var url in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            // Kestrel also takes * and + for every address, which no URI may have as its host.
            HttpUri(url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal));
        }

        return text;
    }

    private static FiberCurrency Network(string text) =>
        text switch
        {
            "mainnet" => FiberCurrency.Fibb,
            "testnet" => FiberCurrency.Fibt,
            "dev" => FiberCurrency.Fibd,
            _ => throw new FormatException($"'{text}' is none of them"),
        };

    private static HashAlgorithm Algorithm(string text) =>
        text switch
        {
            "ckb_hash" => HashAlgorithm.CkbHash,
            "sha256" => HashAlgorithm.Sha256,
            _ => throw new FormatException($"'{text}' is neither"),
        };

    private static bool Switch(string text) =>
        text switch { "true" => true, "false" => false, _ => throw new FormatException($"'{text}' is neither") };
}

/// <summary>The service cannot start with these settings.</summary>
public sealed class SettingsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems => problems;
}
