using System.Collections.Immutable;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>Turns what a settings file says into settings, or into everything that is wrong with it.</summary>
internal sealed class SignerSettingsReader(SignerSettingsForm form, string folder)
{
    private const int HoursMax = 24 * 365;
    private const int InputsMax = 2000;
    private const int NameLettersMax = 32;

    private readonly List<string> _problems = [];

    /// <exception cref="SignerStartException">Settings are wrong: all of them are named.</exception>
    public SignerSettings Read()
    {
        var chain = Chain();
        var settings = new SignerSettings(
            Policy(chain),
            FilePath("keystore", form.Keystore),
            form.PassphraseFile is null ? null : FilePath("passphrase_file", form.PassphraseFile),
            FilePath("socket", form.Socket),
            FilePath("journal", form.Journal),
            Node(),
            form.BelieveClientsForTestsOnly,
            [.. form.AllowedUserIds ?? []]);
        return _problems.Count == 0 ? settings : throw new SignerStartException(_problems);
    }

    private ChainParameters Chain()
    {
        switch (form.Network)
        {
            case "mainnet" or "testnet":
                Require(form.NodeName is null, "node_name", "Only the network 'dev' has a name of its own.");
                return form.Network == "mainnet" ? ChainParameters.Mainnet : ChainParameters.Testnet;
            case "dev":
                Require(!string.IsNullOrWhiteSpace(form.NodeName), "node_name", "The network 'dev' needs the name that its nodes give it.");
                return ChainParameters.Testnet with { NodeName = form.NodeName ?? "" };
            default:
                Wrong("network", "It must be 'mainnet', 'testnet' or 'dev'.");
                return ChainParameters.Testnet;
        }
    }

    private SignerPolicy Policy(ChainParameters chain)
    {
        var feeCap = form.FeeCap ?? 0;
        Require(feeCap > 0 && feeCap <= ulong.MaxValue, "fee_cap", "It must be set: shannon, as a string of digits, more than 0.");
        var policy = new SignerPolicy
        {
            Chain = chain,
            Limits = [Coins(), .. (form.Tokens ?? []).Select(t => Token(t, chain))],
            FeeCap = feeCap <= ulong.MaxValue ? (ulong)feeCap : 0,
            AllowedDestinations = form.AllowedDestinations is { } allowed ? Locks("allowed_destinations", allowed, chain) : null,
            DeniedDestinations = Locks("denied_destinations", form.DeniedDestinations ?? [], chain),
            FundsChannels = form.FundChannels,
            InputsHeld = TimeSpan.FromHours(Within("inputs_held_hours", form.InputsHeldHours, 1, HoursMax, 24)),
            InputsMax = Within("inputs_max", form.InputsMax, 1, InputsMax, 500),
        };
        Require(
            policy.Limits.DistinctBy(l => l.Name).Count() == policy.Limits.Length
                && policy.Limits.DistinctBy(l => l.Type).Count() == policy.Limits.Length,
            "tokens",
            $"A name or a script is there twice, or a token is called '{AssetLimit.Coins}'.");
        return form.CellDeps is { } deps ? policy with { CellDeps = [.. deps.Select(CellDep)] } : policy;
    }

    private AssetLimit Coins()
    {
        var limit = form.Ckb ?? new(0, 0);
        Require(form.Ckb is not null, "ckb", "It must be set: per_transaction and per_hour, in shannon, as strings of digits.");
        Require(limit.PerTransaction <= limit.PerHour, "ckb", "per_transaction is more than per_hour.");
        return new(AssetLimit.Coins, Type: null, limit.PerTransaction, limit.PerHour);
    }

    private AssetLimit Token(SignerSettingsForm.TokenForm token, ChainParameters chain)
    {
        var script = token.Script.Read();
        Require(token.Name is { Length: > 0 and <= NameLettersMax }, "tokens", $"A token's name has 1 to {NameLettersMax} letters.");
        Require(
            script is not null && chain.TokenCodes.Any(c => c.IsCodeOf(script)),
            "tokens",
            $"The script of '{token.Name}' is none, or of a code that is no token's on this network.");
        Require(token.PerTransaction <= token.PerHour, "tokens", $"per_transaction of '{token.Name}' is more than its per_hour.");
        return new(token.Name, script ?? chain.TokenCodes[0].With(ByteString.Empty), token.PerTransaction, token.PerHour);
    }

    private CellDep CellDep(SignerSettingsForm.CellDepForm dep)
    {
        Require(dep.DepType is "code" or "dep_group", "cell_deps", "dep_type must be 'code' or 'dep_group'.");
        return new(dep.OutPoint, dep.DepType == "code" ? CellDepType.Code : CellDepType.DepGroup);
    }

    private ImmutableHashSet<Script> Locks(string setting, ImmutableArray<string> addresses, ChainParameters chain)
    {
        List<Script> locks = [];
        foreach (var (index, address) in addresses.Index())
        {
            if (AddressCodec.Read(address ?? "", chain) is AddressReading.Read read)
            {
                locks.Add(read.Lock);
            }
            else
            {
                Wrong(setting, FormattableString.Invariant($"Number {index + 1} is no address of this network."));
            }
        }

        return [.. locks];
    }

    private Uri? Node()
    {
        var node = Uri.TryCreate(form.Node, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
        Require(node is not null || form.Node is null, "node", "It must be an http:// or https:// address.");
        Require(
            form.Node is not null || form.BelieveClientsForTestsOnly,
            "node",
            "It must be set: without a node to look cells up at, a client can hide a fee of any size.");
        Require(
            form.Node is null || !form.BelieveClientsForTestsOnly,
            "believe_clients_for_tests_only",
            "Cells are looked up at a node, or clients are believed; not both.");
        return node;
    }

    private string FilePath(string setting, string? text)
    {
        Require(!string.IsNullOrWhiteSpace(text), setting, "It must be set: a path.");
        return Path.GetFullPath(string.IsNullOrWhiteSpace(text) ? "." : text, folder);
    }

    private int Within(string setting, int? value, int least, int most, int standard)
    {
        Require(value is null || (value >= least && value <= most), setting, $"It must be from {least} to {most}.");
        return value ?? standard;
    }

    private void Require(bool isSo, string setting, string problem)
    {
        if (!isSo)
        {
            Wrong(setting, problem);
        }
    }

    private void Wrong(string setting, string problem) => _problems.Add($"{setting}: {problem}");
}
