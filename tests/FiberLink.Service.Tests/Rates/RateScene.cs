using FiberLink.Events.Money;
using FiberLink.Service.Rates;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Rates;

/// <summary>What keeps the rates, without the service around it. Rounds are made when the test says so.</summary>
internal sealed class RateScene : IDisposable
{
    public static readonly Asset Usdi = new("USDI");

    private readonly RateHttpClient _http = new();
    private readonly LoggerFactory _loggers = new();

    public RateScene(UsdSettings usd, TimeProvider time)
    {
        _loggers.AddProvider(Logs);
        Settings = SettingsWith(usd);
        Book = new(usd, time);
        Reader = new(_http, time);
        Refresher = new(Reader, Book, Settings, time, _loggers.CreateLogger<RateRefresher>());
        Rates = new(Settings, new([AssetWith(6)]), Book, time);
    }

    public ServiceSettings Settings { get; }

    public RateBook Book { get; }

    public RateReader Reader { get; }

    public RateRefresher Refresher { get; }

    public UsdRates Rates { get; }

    public CapturedLogs Logs { get; } = new();

    /// <summary>Settings of which only this part matters.</summary>
    public static ServiceSettings SettingsWith(UsdSettings usd) =>
        new() { Database = "", NodeUrl = new("http://127.0.0.1:1"), MasterKeys = [], Usd = usd };

    /// <summary>Tells CKB at <c>/nervos-network/usd</c>.</summary>
    public static UsdSource Source(string name, Uri url, string path = "/nervos-network/usd") =>
        new(name, url, new Dictionary<Asset, JsonPointer> { [Asset.Ckb] = JsonPointer.Parse(path) });

    public static Amount Ckb(ulong shannon) => new(Asset.Ckb, shannon);

    public void Dispose()
    {
        _http.Dispose();
        _loggers.Dispose();
        Logs.Dispose();
    }

    private static Domain.Money.AssetDefinition AssetWith(int decimals) =>
        Domain.Money.AssetDefinition.Token(Usdi, decimals, new($"0x{new string('a', 64)}", "type", "0x"));
}
