using System.Security.Cryptography;
using FiberLink.HubNode;
using FiberLink.Service.Startup;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Tests;

/// <summary>W-46: whatever is wrong stops the start, by its name; nothing falls back to a default in silence.</summary>
public sealed class Settings_are_checked_at_once : IDisposable
{
    private const string Database = "postgresql://fiberlink:the-password@db:5432/fiberlink";

    private static readonly string MasterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private readonly string _folder = Directory.CreateTempSubdirectory("fiberlink-settings-").FullName;

    [Fact]
    public void The_least_that_must_be_said_is_enough()
    {
        var settings = SettingsReader.Read(Variables());

        Assert.Contains("Host=db", settings.Database, StringComparison.Ordinal);
        Assert.Equal(new Uri("http://node:8227"), settings.NodeUrl);
        Assert.Equal(MasterKey, Convert.ToBase64String(settings.MasterKeys.Single()));
        Assert.Equal((FiberCurrency.Fibt, Events.Tips.HashAlgorithm.CkbHash), (settings.Network, settings.HashAlgorithm));
        Assert.Equal((300, true), (settings.RateLimitRequests, settings.RateLimitEnabled));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)), (settings.InvoiceExpiry, settings.RepeatWindow));
        Assert.Equal(TimeSpan.FromMinutes(1), settings.RateLimitWindow);
        Assert.Null(settings.NodeToken);
        Assert.Empty(settings.Tokens);
    }

    [Fact]
    public void What_is_missing_is_said_all_at_once()
    {
        var problems = Assert.Throws<SettingsException>(() => SettingsReader.Read(_ => null)).Problems;

        Assert.Equal(3, problems.Count);
        Assert.All(
            new[] { Names.Database, Names.NodeUrl, Names.MasterKey },
            name => Assert.Contains(problems, p => p.StartsWith(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_wrong_is_said_all_at_once_and_by_name()
    {
        string[] names =
        [
            Names.NodeUrl, Names.NodePubkey, Names.NodeTimeoutSeconds, Names.Urls, Names.MasterKey, Names.Network, Names.Assets,
            Names.HashAlgorithm,
            Names.InvoiceExpirySeconds, Names.RepeatWindowSeconds, Names.RateLimitEnabled, Names.RateLimitRequests,
            Names.RateLimitWindowSeconds,
        ];
        var problems = Assert.Throws<SettingsException>(
            () => SettingsReader.Read(Variables([.. names.Select(n => (n, (string?)"nonsense"))]))).Problems;

        Assert.Equal(names.Order(StringComparer.Ordinal), problems.Select(p => p.Split(' ', ':')[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Names.NodeUrl, "ftp://node")]
    [InlineData(Names.NodeUrl, "/rpc")]
    [InlineData(Names.Database, "nonsense")]
    [InlineData(Names.NodeTimeoutSeconds, "0")]
    [InlineData(Names.NodeTimeoutSeconds, "61")]
    [InlineData(Names.NodeTimeoutSeconds, "1.5")]
    [InlineData(Names.RateLimitRequests, "0")]
    [InlineData(Names.RateLimitRequests, "-1")]
    [InlineData(Names.RateLimitEnabled, "yes")]
    [InlineData(Names.Network, "Testnet")]
    [InlineData(Names.InvoiceExpirySeconds, "99999999999999999999")]
    [InlineData(Names.Assets, "{}")]
    [InlineData(Names.Assets, """[{"asset":"CKB","decimals":8,"script":{"codeHash":"0x00","hashType":"type","args":"0x"}}]""")]
    [InlineData(Names.Assets, """[{"asset":"usdi","decimals":8,"script":{"codeHash":"0x00","hashType":"type","args":"0x"}}]""")]
    [InlineData(Names.Assets, """[{"asset":"USDI","decimals":99,"script":{"codeHash":"0x00","hashType":"type","args":"0x"}}]""")]
    [InlineData(Names.Assets, """[{"asset":"USDI","decimals":8}]""")]
    [InlineData(Names.Assets, """[{"asset":"USDI","decimals":8,"script":null}]""")]
    [InlineData(
        Names.Assets,
        """[{"asset":"USDI","decimals":8,"script":{"codeHash":"0x0","hashType":"type","args":"0x"},"chainWithdrawals":{}}]""")]
    [InlineData(Names.PayoutTokenCapacityMax, "9999999999")]
    [InlineData(Names.PayoutTokenCapacityMax, "160000000001")]
    [InlineData(Names.PayoutTokenCapacityDayMax, "9999999999")]
    [InlineData(Names.PayoutTokenCapacityDayMax, "15999999999")]
    [InlineData(Names.Assets, "[null]")]
    [InlineData(Names.Assets, """[{"asset":null,"decimals":8,"script":{"codeHash":"0x00","hashType":"type","args":"0x"}}]""")]
    public void A_value_out_of_range_is_refused_by_name(string name, string value)
    {
        var problem = Assert.Throws<SettingsException>(() => SettingsReader.Read(Variables((name, value)))).Problems.Single();

        Assert.StartsWith(name, problem, StringComparison.Ordinal);
    }

    /// <summary>A token that nobody could be sent, or whose every withdrawal would cost the hub more than it is worth.</summary>
    [Theory]
    [InlineData("20", "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", "type", "0xab", null)]
    [InlineData("0", "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", "type", "0xab", "NotPositive")]
    [InlineData("20.001", "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", "type", "0xab", "TooManyDecimals")]
    [InlineData("all", "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", "type", "0xab", "NotADecimal")]
    [InlineData("20", "0x50bd8d6680b8b9cf98b73f3c08faf8b2a21914311954118ad6609be6e78a1b95", "data1", "0xab", "known on this network")]
    [InlineData("20", "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", "Type", "0xab", "known on this network")]
    [InlineData("20", "0x25", "type", "0xab", "known on this network")]
    [InlineData("20", "0x25c29dc317811a6f6f3985a7a9ebc4838bd388d19d0feeecf0bcd60f6c0975bb", "type", "ab", "known on this network")]
    public void A_token_leaves_by_chain_with_a_minimum_and_a_code_that_the_chain_knows(
        string minimum, string codeHash, string hashType, string args, string? problem)
    {
        var assets = $$$"""
            [{"asset":"USDI","decimals":2,"script":{"codeHash":"{{{codeHash}}}","hashType":"{{{hashType}}}","args":"{{{args}}}"},
              "chainWithdrawals":{"minimum":"{{{minimum}}}"}}]
            """;
        if (problem is null)
        {
            Assert.Equal((UInt128)2_000, SettingsReader.Read(Variables((Names.Assets, assets))).Tokens.Single().ChainMinimum);
            return;
        }

        var said = Assert.Throws<SettingsException>(() => SettingsReader.Read(Variables((Names.Assets, assets)))).Problems.Single();
        Assert.StartsWith(Names.Assets, said, StringComparison.Ordinal);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_come_from_files_too()
    {
        var tokenFile = FileOf("the-token\n");
        var settings = SettingsReader.Read(Variables(
            (Names.MasterKey, null),
            (Names.MasterKey + "_FILE", FileOf($"{MasterKey},{Convert.ToBase64String(new byte[32])}\n")),
            (Names.NodeTokenFile, tokenFile)));

        Assert.Equal(2, settings.MasterKeys.Count);
        Assert.Equal(MasterKey, Convert.ToBase64String(settings.MasterKeys[0]));

        // That one is read again when it changes.
        Assert.Equal((null, tokenFile), (settings.NodeToken, settings.NodeTokenFile));
    }

    [Theory]
    [InlineData("the-token", "the-token", Names.NodeToken)]
    [InlineData(null, " \n", Names.NodeTokenFile)]
    [InlineData(null, "two words: the-token", Names.NodeTokenFile)]
    [InlineData("two words: the-token", null, Names.NodeToken)]
    public void A_token_that_is_none_or_there_twice_is_a_problem(string? token, string? content, string name)
    {
        var file = content is null ? null : FileOf(content);

        var problem = Assert.Throws<SettingsException>(() => SettingsReader.Read(Variables(
            (Names.NodeToken, token), (Names.NodeTokenFile, file)))).Problems.Single();

        Assert.StartsWith(name, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("the-token", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_node_may_be_spoken_to_over_a_websocket_and_be_a_certain_one()
    {
        var settings = SettingsReader.ReadForNode(Variables(
            (Names.Database, null), (Names.MasterKey, null), (Names.NodeUrl, "ws://node:8227"), (Names.NodePubkey, new string('a', 66))));

        Assert.Equal((new Uri("ws://node:8227"), new string('a', 66)), (settings.NodeUrl, settings.NodePubkey));
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_problem()
    {
        var missing = Path.Combine(_folder, "missing");
        var problem = Assert.Throws<SettingsException>(
            () => SettingsReader.Read(Variables((Names.NodeTokenFile, missing)))).Problems.Single();

        Assert.StartsWith(Names.NodeToken, problem, StringComparison.Ordinal);
        Assert.Contains(missing, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Names.Database, "postgresql://u:the-password@")]
    [InlineData(Names.Database, "Host=db;Password=the-password;Nonsense=1")]
    [InlineData(Names.NodeUrl, "ftp://u:the-password@node")]
    [InlineData(Names.MasterKey, "the-password")]
    [InlineData(Names.Urls, "nonsense://u:the-password@host")]
    public void No_problem_repeats_a_secret(string name, string value)
    {
        var all = Assert.Throws<SettingsException>(() => SettingsReader.Read(Variables((name, value))));

        Assert.DoesNotContain("the-password", all.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",")]
    [InlineData("twice")]
    public void No_master_key_and_one_given_twice_are_problems(string keys)
    {
        var value = keys == "twice" ? $"{MasterKey},{MasterKey}" : keys;
        var problem = Assert.Throws<SettingsException>(() => SettingsReader.Read(Variables((Names.MasterKey, value)))).Problems.Single();

        Assert.StartsWith(Names.MasterKey, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(MasterKey, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Tools_that_only_look_need_neither_node_nor_key()
    {
        var settings = SettingsReader.ReadForTools(Variables((Names.NodeUrl, null), (Names.MasterKey, null)));

        Assert.Empty(settings.MasterKeys);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Func<string, string?> Variables(params (string Name, string? Value)[] changes)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [Names.Database] = Database,
            [Names.NodeUrl] = "http://node:8227",
            [Names.MasterKey] = MasterKey,
        };
        foreach (var (name, value) in changes)
        {
            all[name] = value;
        }

        return name => all.GetValueOrDefault(name);
    }

    private string FileOf(string text)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, text);
        return path;
    }
}
