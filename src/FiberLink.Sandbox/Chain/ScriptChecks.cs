using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using FiberLink.Chain;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;

namespace FiberLink.Sandbox.Chain;

/// <summary>What the scripts that are known here would say; any other is refused as if its code were nowhere.</summary>
internal sealed class ScriptChecks(ChainParameters chain)
{
    // The usual lock's and the token's own numbers for what is wrong.
    private const int BadEncoding = -2;
    private const int BadSignature = -11;
    private const int BadWitness = -22;
    private const int OtherKey = -31;
    private const int BadAmount = -52;

    /// <summary>Null where all of them agree.</summary>
    public PoolReject? Objection(Transaction transaction, ImmutableArray<Cell> spent) =>
        spent.Select((c, i) => (c.Output.Lock, i)).GroupBy(c => c.Lock, c => c.i)
            .Select(group => LockObjection(transaction, group.Key, [.. group])).FirstOrDefault(o => o is not null)
        ?? Types(transaction, spent).Select(type => TypeObjection(transaction, spent, type)).FirstOrDefault(o => o is not null);

    private static IEnumerable<Script> Types(Transaction transaction, ImmutableArray<Cell> spent) =>
        spent.Select(c => c.Output.Type).Concat(transaction.Outputs.Select(o => o.Type)).OfType<Script>().Distinct();

    private PoolReject? LockObjection(Transaction transaction, Script owner, int[] group)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"Inputs[{group[0]}].Lock");
        // Both sides' signatures over a channel are between two nodes, and one of them is not there.
        if (chain.Funding.IsCodeOf(owner))
        {
            return null;
        }

        if (!chain.Sighash.IsCodeOf(owner) || !Names(transaction, chain.Sighash))
        {
            return PoolReject.NoCode(where, owner.CodeHash);
        }

        if (Sighash.SignatureAt(transaction, group[0]) is not { } signature)
        {
            return PoolReject.Script(where, BadWitness, owner.CodeHash);
        }

        var digest = Sighash.Digest(transaction, group).ToBytes();
        return !signature.TryRecover(digest, out var key) ? PoolReject.Script(where, BadSignature, owner.CodeHash)
            : chain.LockOf(key) != owner ? PoolReject.Script(where, OtherKey, owner.CodeHash)
            : null;
    }

    private PoolReject? TypeObjection(Transaction transaction, ImmutableArray<Cell> spent, Script type)
    {
        var output = transaction.Outputs.Select(o => o.Type).ToList().IndexOf(type);
        var input = spent.Select(c => c.Output.Type).ToList().IndexOf(type);
        var where = output >= 0
            ? string.Create(CultureInfo.InvariantCulture, $"Outputs[{output}].Type")
            : string.Create(CultureInfo.InvariantCulture, $"Inputs[{input}].Type");
        if (chain.TokenCodes.FirstOrDefault(t => t.IsCodeOf(type)) is not { } code || !Names(transaction, code))
        {
            return PoolReject.NoCode(where, type.CodeHash);
        }

        if (spent.Any(c => ByteString.From(c.Output.Lock.Hash().ToBytes()) == type.Args))
        {
            // Whoever made the token may make more of it.
            return null;
        }

        var made = transaction.Outputs.Zip(transaction.OutputsData).Where(o => o.First.Type == type).Select(o => o.Second).ToList();
        var held = spent.Where(c => c.Output.Type == type).Select(c => c.Data);
        return made.Any(d => d.Length < Cell.UdtDataLength) ? PoolReject.Script(where, BadEncoding, type.CodeHash)
            : Sum(made) > Sum(held) ? PoolReject.Script(where, BadAmount, type.CodeHash)
            : null;
    }

    private static BigInteger Sum(IEnumerable<ByteString> data) => data.Aggregate(
        BigInteger.Zero, (sum, d) => sum + (BigInteger)BinaryPrimitives.ReadUInt128LittleEndian(d.Span));

    private static bool Names(Transaction transaction, KnownScript code) => code.CellDeps.All(transaction.CellDeps.Contains);
}
