using FiberLink.Chain;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>A token of two decimals that is withdrawn to addresses from 20 on; its cells take up 142 CKB with a usual lock.</summary>
internal static class TokenScene
{
    public const string Code = "USDI";

    /// <summary>Smallest units in one token.</summary>
    public const ulong One = 100;

    /// <summary>Shannon that a cell of it takes up.</summary>
    public const ulong Room = 142 * PaidChain.Ckb;

    public static Asset Asset { get; } = new(Code);

    /// <summary>Its type on the chain.</summary>
    public static Script Type { get; } =
        ChainParameters.Testnet.TokenCodes[0].With(ByteString.Parse($"0x{new string('7', 64)}"));

    public static AssetDefinition Definition { get; } =
        AssetDefinition.Token(Asset, 2, new(Type.CodeHash.ToHex(), "type", Type.Args.ToString())) with { ChainMinimum = 20 * One };

    public static ServiceSettings WithToken(ServiceSettings settings) => settings with { Tokens = [Definition] };

    public static Task<RunningService> StartAsync(Func<ServiceSettings, ServiceSettings>? change = null, bool countsSteps = false) =>
        RunningService.StartAsync(new Opening
        {
            WithChain = true,
            CountsSteps = countsSteps,
            Change = settings => (change ?? (s => s))(WithToken(settings)),
        });

    /// <summary>Puts a cell of the token into the wallet.</summary>
    public static Task FundTokenAsync(this PaidChain chain, ulong tokens) =>
        chain.Control.FundTokenAsync(chain.Wallet, Type, tokens * One, Room, Ct);

    /// <summary>Credits a member with so many of an asset.</summary>
    public static Task GiveAsync(this RunningService service, string member, ulong count, string asset) => service.GiveAsync(
        RunningService.App, member, asset == Code ? new(Asset, count * One) : new Amount(Asset.Ckb, count * PaidChain.Ckb));

    /// <summary>A granted withdrawal of so many to an address that nobody else has.</summary>
    public static async Task<(string Id, Script Recipient)> GrantedAsync(
        this RunningService service, string member, ulong count, string asset)
    {
        var (address, recipient) = PaidChain.NewRecipient();
        var reply = await service.Client.WithdrawAsync(member, $"{count}", address, Ct, asset);
        Assert.Null(reply.ErrorMessage);
        return (reply.Result.GetProperty("id").GetString()!, recipient);
    }

    /// <summary>The recipient has so many of the asset, in one cell, and in a token's cell its room and nothing beside it.</summary>
    public static async Task HasOnceAsync(this PaidChain chain, Script recipient, ulong count, string asset, ulong fee = 1_000)
    {
        var cell = Assert.Single(await chain.CellsOfAsync(recipient, Ct));
        Assert.Equal(
            asset == Code ? (Type, Room, count * One) : (null, (count * PaidChain.Ckb) - fee, (UInt128?)null),
            (cell.Output.Type, cell.Output.Capacity, cell.UdtAmount));
    }

    /// <summary>The sum of an account in an asset.</summary>
    public static Task<long> UnitsOfAsync(this RunningService service, string account, string asset) => service.Database.CountAsync(
        "select coalesce(sum(units), 0)::bigint from read_models.account_balances where account = $1 and asset = $2", account, asset);

    /// <summary>Nothing is held, and the entries of each asset sum to zero.</summary>
    public static async Task EachAssetIsEvenAsync(this RunningService service)
    {
        Assert.Empty(await service.Database.TextsAsync(
            "select asset from read_models.account_balances group by asset having sum(units) <> 0"));
        Assert.Empty(await service.Database.TextsAsync(
            "select asset from read_models.account_balances where account = 'MemberHeld' and units <> 0"));
        Assert.Equal(0, await service.Database.CountAsync("select count(*) from messaging.dead_letters"));
    }
}
