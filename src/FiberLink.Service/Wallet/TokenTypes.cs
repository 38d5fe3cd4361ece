using FiberLink.Chain;
using FiberLink.Crypto;
using FiberLink.Domain.Money;

namespace FiberLink.Service.Wallet;

/// <summary>Between a token as it is set up and the type script of its cells.</summary>
internal static class TokenTypes
{
    /// <summary>Null where the texts are no script: such a token is in invoices alone.</summary>
    public static Script? Of(TokenScript? token) =>
        token is not null
        && Bytes32.TryParse(token.CodeHash, out var codeHash)
        && ScriptHashTypes.Find(token.HashType) is { } hashType
        && ByteString.TryParse(token.Args, out var args)
            ? new(codeHash, hashType, args)
            : null;

    /// <summary>As <see cref="Of"/>, and null as well where it cannot be sent on a chain: its code is none that is known there.</summary>
    public static Script? KnownOn(ChainParameters chain, TokenScript? token) =>
        Of(token) is { } type && chain.TokenCodes.Any(c => c.IsCodeOf(type)) ? type : null;
}
