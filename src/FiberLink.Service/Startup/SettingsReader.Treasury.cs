using FiberLink.Chain.Addresses;
using FiberLink.Crypto;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Wallet;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

public sealed partial class SettingsReader
{
    private TreasurySettings Treasury(IReadOnlyList<AssetDefinition> tokens)
    {
        IReadOnlyDictionary<Asset, UInt128> Amounts(string name) => Optional(
            name,
            text => TreasurySettings.ParseAmounts(text, tokens),
            "asset:amount separated by commas, such as CKB:1000,USDI:50",
            new Dictionary<Asset, UInt128>());
        return new()
        {
            ColdAddresses = Optional<IReadOnlyList<string>>(
                Names.TreasuryCold,
                text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                "addresses separated by commas",
                []),
            Peers = Optional<IReadOnlyList<string>>(
                Names.TreasuryPeers,
                text =>
                [
                    .. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        .Select(p => PublicKey.Parse(p).ToString()),
                ],
                "public keys of 66 hexadecimal digits separated by commas",
                []),
            DayMax = Amounts(Names.TreasuryDayMax),
            Floors = Amounts(Names.TreasuryFloor),
            Tolerances = Amounts(Names.TreasuryTolerance),
            LookEvery = Seconds(Names.TreasuryLookSeconds, 15, 5, 3_600),
        };
    }

    /// <summary>Whether coins can be sent there shows before the day on which somebody wants to.</summary>
    private void CheckTreasury(ServiceSettings settings)
    {
        foreach (var address in settings.Treasury.ColdAddresses)
        {
            if (AddressCodec.Read(address, WalletChain.Of(settings)) is AddressReading.Refused refused)
            {
                _problems.Add($"{Names.TreasuryCold} names '{address}', which is no address of this network: {refused.Detail}");
            }
        }
    }
}
