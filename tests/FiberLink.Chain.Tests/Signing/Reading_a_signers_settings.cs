using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Signing.Remote;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests.Signing;

[SupportedOSPlatform("linux")]
public sealed class Reading_a_signers_settings : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-signer");

    private static readonly string Member = AddressCodec.Write(SignerScene.Member, SignerScene.Chain);

    private string SettingsFile => Path.Combine(_folder.FullName, "settings.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void All_of_them_are_taken_over()
    {
        var settings = Read(Good());

        Assert.Equal(Path.Combine(_folder.FullName, "hub.key"), settings.Keystore);
        Assert.Equal("/run/signer/signer.sock", settings.Socket);
        Assert.Equal(Path.Combine(_folder.FullName, "journal"), settings.Journal);
        Assert.Equal(Path.Combine(_folder.FullName, "pass"), settings.PassphraseFile);
        Assert.Equal(new Uri("http://127.0.0.1:8114"), settings.Node);
        Assert.False(settings.BelievesClients);
        Assert.Equal([1000U, 1001U], settings.AllowedUserIds);
        var policy = settings.Policy;
        Assert.Equal(ChainParameters.Testnet, policy.Chain);
        Assert.Equal(
            [new AssetLimit("ckb", null, 100, 300), new AssetLimit("RUSD", SignerScene.Token, 1, UInt128.MaxValue)], policy.Limits);
        Assert.Equal(7UL, policy.FeeCap);
        Assert.Equal([SignerScene.Member], policy.AllowedDestinations!);
        Assert.Equal([SignerScene.Member], policy.DeniedDestinations);
        Assert.Equal((TimeSpan.FromHours(48), 20), (policy.InputsHeld, policy.InputsMax));
        Assert.Equal(new CellDep(new(new RandomChain(6).Hash(), 1), CellDepType.DepGroup), Assert.Single(policy.CellDeps));
    }

    [Fact]
    public void What_may_be_left_out_has_a_standard()
    {
        var json = Good();
        foreach (var name in new[]
        {
            "passphrase_file", "allowed_user_ids", "tokens", "cell_deps", "allowed_destinations", "denied_destinations",
            "inputs_held_hours", "inputs_max",
        })
        {
            json.Remove(name);
        }

        var policy = Read(json).Policy;

        Assert.Equal([.. SignerScene.Chain.Sighash.CellDeps, .. SignerScene.Chain.TokenCodes[0].CellDeps], policy.CellDeps);
        Assert.Null(policy.AllowedDestinations);
        Assert.Empty(policy.DeniedDestinations);
        Assert.Equal((TimeSpan.FromHours(24), 500), (policy.InputsHeld, policy.InputsMax));
    }

    [Fact]
    public void A_development_chain_has_a_name_and_code_of_its_own()
    {
        var json = Good();
        (json["network"], json["node_name"]) = ("dev", "ckb_dev");

        Assert.Equal("ckb_dev", Read(json).Policy.Chain.NodeName);
    }

    [Theory]
    [InlineData("network", "\"fibt\"")]
    [InlineData("network", "null")]
    [InlineData("node_name", "\"ckb_dev\"")]
    [InlineData("keystore", "null")]
    [InlineData("keystore", "\" \"")]
    [InlineData("socket", "null")]
    [InlineData("journal", "null")]
    [InlineData("node", "null")]
    [InlineData("node", "\"127.0.0.1\"")]
    [InlineData("believe_clients_for_tests_only", "true")]
    [InlineData("believe_clients_for_tests_only", "1")]
    [InlineData("allowed_user_ids", "[-1]", "allowed_user_ids[0]")]
    [InlineData("ckb", "null")]
    [InlineData("ckb", """{"per_transaction":"100"}""")]
    [InlineData("ckb", """{"per_transaction":"301","per_hour":"300"}""")]
    [InlineData("ckb", """{"per_transaction":100,"per_hour":"300"}""", "ckb.per_transaction")]
    [InlineData("ckb", """{"per_transaction":"1e2","per_hour":"300"}""", "ckb.per_transaction")]
    [InlineData("fee_cap", "null")]
    [InlineData("fee_cap", "\"0\"")]
    [InlineData("fee_cap", "\"18446744073709551616\"")]
    [InlineData("fee_cap", "\"-1\"")]
    [InlineData("tokens", """[{"name":"X","script":{"code_hash":"","hash_type":"type","args":""},"per_transaction":"1","per_hour":"1"}]""")]
    [InlineData("cell_deps", """[{"out_point":"0x00:1","dep_type":"code"}]""", "cell_deps[0].out_point")]
    [InlineData("allowed_destinations", "[\"ckt1\"]")]
    [InlineData("denied_destinations", "[null]")]
    [InlineData("inputs_held_hours", "0")]
    [InlineData("inputs_max", "2001")]
    [InlineData("per_hour", "\"1\"")]
    public void What_is_wrong_is_named(string name, string value, string? named = null)
    {
        var json = Good();
        json[name] = JsonNode.Parse(value);

        var wrong = Assert.Throws<SignerStartException>(() => Read(json));

        Assert.Contains(wrong.Problems, p => p.StartsWith($"{named ?? name}: ", StringComparison.Ordinal));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var json = Good();
        (json["fee_cap"], json["inputs_max"], json["socket"]) = (null, 0, null);
        json["tokens"]!.AsArray().Add(json["tokens"]![0]!.DeepClone());

        var wrong = Assert.Throws<SignerStartException>(() => Read(json));

        Assert.Equal(
            ["fee_cap", "inputs_max", "tokens", "socket"], wrong.Problems.Select(p => p[..p.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"fee_cap":"1","fee_cap":"2"}""")]
    public void What_is_no_settings_file_is_said_to_be_none(string text)
    {
        File.WriteAllText(SettingsFile, text);

        Assert.Throws<SignerStartException>(() => SignerSettings.Read(SettingsFile));
    }

    [Fact]
    public void A_file_that_others_may_write_is_not_taken()
    {
        Read(Good());
        File.SetUnixFileMode(SettingsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);

        var wrong = Assert.Throws<SignerStartException>(() => SignerSettings.Read(SettingsFile));
        Assert.StartsWith("settings: ", wrong.Message, StringComparison.Ordinal);
        Assert.Throws<SignerStartException>(() => SignerSettings.Read(SettingsFile + ".none"));
    }

    private SignerSettings Read(JsonObject json)
    {
        File.WriteAllText(SettingsFile, json.ToJsonString());
        return SignerSettings.Read(SettingsFile);
    }

    private static JsonObject Good() => JsonNode.Parse(
        $$"""
        {
          "network": "testnet",
          "keystore": "hub.key",
          "passphrase_file": "pass",
          "socket": "/run/signer/signer.sock",
          "journal": "journal",
          "node": "http://127.0.0.1:8114",
          "allowed_user_ids": [1000, 1001],
          "ckb": {"per_transaction": "100", "per_hour": "300"},
          "fee_cap": "7",
          "tokens": [{
            "name": "RUSD",
            "script": {"code_hash": "{{SignerScene.Token.CodeHash}}", "hash_type": "type", "args": "{{SignerScene.Token.Args}}"},
            "per_transaction": "1",
            "per_hour": "{{UInt128.MaxValue}}"
          }],
          "cell_deps": [{"out_point": "{{new RandomChain(6).Hash()}}:1", "dep_type": "dep_group"}],
          "allowed_destinations": ["{{Member}}"],
          "denied_destinations": ["{{Member}}"],
          "inputs_held_hours": 48,
          "inputs_max": 20
        }
        """)!.AsObject();
}
