using FiberLink.Events.Money;
using FiberLink.Service.Startup;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Tests.Rates;

public sealed class Rates_are_set_up_strictly
{
    private const string Tokens =
        """
        [{"asset":"USDI","decimals":6,"script":{"codeHash":"0xaa","hashType":"type","args":"0x"}},
         {"asset":"RUSD","decimals":8,"script":{"codeHash":"0xbb","hashType":"type","args":"0x"}}]
        """;

    private const string Path = "\"path\":{\"CKB\":\"/usd\"}";

    [Fact]
    public void Without_a_word_nobody_is_asked()
    {
        var usd = Read().Usd;

        Assert.Empty(usd.Sources);
        Assert.Empty(usd.Stablecoins);
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), 50), (usd.RefreshEvery, usd.AgeMax, usd.JumpPercent));
    }

    [Fact]
    public void Everything_is_read()
    {
        var usd = Read(
            (Names.UsdRates,
                """
                [{"name":"coingecko","url":"https://api.example/price?key=1","path":{"CKB":"/nervos-network/usd"}},
                 {"name":"other_1","url":"http://127.0.0.1:9/","path":{"CKB":"/0","RUSD":"/1"}}]
                """),
            (Names.UsdStablecoins, "USDI"),
            (Names.UsdRefreshSeconds, "30"),
            (Names.UsdRateAgeSeconds, "600"),
            (Names.UsdJumpPercent, "900")).Usd;

        Assert.Equal(["coingecko", "other_1"], usd.Sources.Select(s => s.Name));
        Assert.Equal(new Uri("https://api.example/price?key=1"), usd.Sources[0].Url);
        Assert.Equal([Asset.Ckb, new("RUSD")], usd.Sources[1].Path.Keys);
        Assert.Equal([new Asset("USDI")], usd.Stablecoins);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10), 900), (usd.RefreshEvery, usd.AgeMax, usd.JumpPercent));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("nonsense")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/"}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{}}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":null}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{"CKB":null}}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{"CKB":"usd"}}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{"ckb":"/usd"}}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{"CKB":"/usd","CKB":"/eur"}}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{"CKB":"/usd"},"paths":1}]""")]
    [InlineData($$"""[{"name":"A","url":"https://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"","url":"https://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a+late","url":"https://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"static_1p0","url":"https://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":null,"url":"https://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"http://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"http://10.0.0.1/the-secret",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"ftp://the-secret.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"https://me:the-secret@example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"https://example/#the-secret",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"/the-secret",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"https://1.example/",{{Path}}},{"name":"a","url":"https://2.example/",{{Path}}}]""")]
    [InlineData($$"""[{"name":"a","url":"https://the-secret/",{{Path}}},{"name":"b","url":"https://the-secret/",{{Path}}}]""")]
    [InlineData("""[{"name":"a","url":"https://the-secret.example/","path":{"XYZ":"/usd"}}]""")]
    public void A_source_that_is_none_is_refused_by_name_and_its_address_is_not_repeated(string json) =>
        Refused(Names.UsdRates, json);

    [Fact]
    public void Four_are_enough()
    {
        static string Sources(int count) =>
            $"[{string.Join(',', Enumerable.Range(1, count).Select(i => $$"""{"name":"s{{i}}","url":"https://s{{i}}/",{{Path}}}"""))}]";

        Assert.Equal(4, Read((Names.UsdRates, Sources(4))).Usd.Sources.Count);
        Refused(Names.UsdRates, Sources(5));
    }

    [Theory]
    [InlineData(Names.UsdStablecoins, "usdi")]
    [InlineData(Names.UsdStablecoins, "USDI,")]
    [InlineData(Names.UsdStablecoins, "USDI,USDI")]
    [InlineData(Names.UsdStablecoins, "CKB")]
    [InlineData(Names.UsdStablecoins, "XYZ")]
    [InlineData(Names.UsdRefreshSeconds, "9")]
    [InlineData(Names.UsdRefreshSeconds, "3601")]
    [InlineData(Names.UsdRateAgeSeconds, "59")]
    [InlineData(Names.UsdRateAgeSeconds, "86401")]
    [InlineData(Names.UsdJumpPercent, "0")]
    [InlineData(Names.UsdJumpPercent, "901")]
    [InlineData(Names.UsdJumpPercent, "5%")]
    public void A_value_out_of_range_is_refused_by_name(string name, string value) => Refused(name, value);

    [Fact]
    public void What_is_a_dollar_by_agreement_has_no_other_rate() =>
        Refused(
            Names.UsdStablecoins,
            "USDI",
            (Names.UsdRates, """[{"name":"a","url":"https://the-secret.example/","path":{"USDI":"/usd"}}]"""));

    [Fact]
    public void Rates_are_renewed_before_they_are_too_old() =>
        Refused(Names.UsdRateAgeSeconds, "60", (Names.UsdRefreshSeconds, "61"));

    private static void Refused(string name, string value, params (string Name, string? Value)[] others)
    {
        var problem = Assert.Throws<SettingsException>(() => Read([(name, value), .. others])).Problems.Single();

        Assert.StartsWith(name, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", problem, StringComparison.Ordinal);
    }

    private static ServiceSettings Read(params (string Name, string? Value)[] changes)
    {
        var all = changes.ToDictionary(c => c.Name, c => c.Value, StringComparer.Ordinal);
        all[Names.Database] = "Host=db";
        all[Names.Assets] = Tokens;
        return SettingsReader.ReadForTools(name => all.GetValueOrDefault(name));
    }
}
