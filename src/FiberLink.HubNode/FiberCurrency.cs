namespace FiberLink.HubNode;

/// <summary>The prefix of an invoice, which says on which network it can be paid.</summary>
public enum FiberCurrency
{
    /// <summary>Mainnet (<c>fibb</c>).</summary>
    Fibb = 1,

    /// <summary>Testnet (<c>fibt</c>).</summary>
    Fibt = 2,

    /// <summary>Any other chain (<c>fibd</c>).</summary>
    Fibd = 3,
}

/// <summary>Chains are told apart by the hash of their first block.</summary>
public static class FiberChain
{
    public const string MainnetGenesis = "0x92b197aa1fba0f63633922c61c92375c9c074a93e85963554f5499fe1450d0e5";
    public const string TestnetGenesis = "0x10639e0895502b5688a6be8cf69460d76541bfa4821629d86d62ba0aae3f9606";

    /// <summary>The currency of the chain whose first block has this hash; all but the two known ones are development chains.</summary>
    public static FiberCurrency CurrencyOf(string chainHash) => chainHash switch
    {
        _ when string.Equals(chainHash, MainnetGenesis, StringComparison.OrdinalIgnoreCase) => FiberCurrency.Fibb,
        _ when string.Equals(chainHash, TestnetGenesis, StringComparison.OrdinalIgnoreCase) => FiberCurrency.Fibt,
        _ => FiberCurrency.Fibd,
    };
}
