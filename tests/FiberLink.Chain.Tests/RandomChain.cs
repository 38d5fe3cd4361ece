#pragma warning disable CA5394 // Test data, not secrets.
using System.Collections.Immutable;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests;

/// <summary>Scripts, cells and transactions of any shape, the same for the same seed.</summary>
internal sealed class RandomChain(int seed)
{
    private static readonly ScriptHashType[] HashTypes = Enum.GetValues<ScriptHashType>();

    private readonly Random _random = new(seed);

    public int Number(int most) => _random.Next(most + 1);

    public ByteString Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return ByteString.From(bytes);
    }

    public Bytes32 Hash() => Bytes32.From(Bytes(Bytes32.Length).Span);

    public OutPoint OutPoint() => new(Hash(), (uint)Number(9));

    public Script Script(int argsMax = 64) => new(Hash(), HashTypes[Number(HashTypes.Length - 1)], Bytes(Number(argsMax)));

    public Script Sighash(ChainParameters chain) => chain.Sighash.With(Bytes(ChainParameters.KeyHashLength));

    /// <summary>The capacity is never zero: the other implementation would reckon one.</summary>
    public CellOutput Output() => new((ulong)_random.NextInt64(1, long.MaxValue), Script(), Number(1) == 0 ? null : Script());

    /// <summary>Of which some inputs, and always the first of them, are to be signed: their witness has a place for it.</summary>
    public (Transaction Transaction, ImmutableArray<CellOutput> Spent, int[] Group, Script Owner) Signable(ChainParameters chain)
    {
        var owner = Sighash(chain);
        var inputs = 1 + Number(5);
        var first = Number(inputs - 1);
        int[] group = [first, .. Enumerable.Range(first + 1, inputs - first - 1).Where(_ => Number(1) == 0)];
        var spent = Enumerable.Range(0, inputs).Select(i => group.Contains(i) ? Output() with { Lock = owner } : Output());
        var witnesses = Enumerable.Range(0, inputs + Number(2)).Select(i => i == first
            ? new WitnessArgs(SignatureOrPlace(), Part(), Part()).ToWitness()
            : Bytes(Number(1) * Number(200))).ToList();
        return (Transaction(inputs) with { Witnesses = [.. witnesses] }, [.. spent], group, owner);
    }

    public Transaction Transaction(int inputs)
    {
        var outputs = Number(5);
        return new()
        {
            Version = (uint)Number(1),
            CellDeps = [.. Times(Number(3)).Select(_ => new CellDep(OutPoint(), (CellDepType)Number(1)))],
            HeaderDeps = [.. Times(Number(2)).Select(_ => Hash())],
            Inputs = [.. Times(inputs).Select(_ => new CellInput(OutPoint(), Number(1) == 0 ? 0 : (ulong)_random.NextInt64(1 << 30)))],
            Outputs = [.. Times(outputs).Select(_ => Output())],
            OutputsData = [.. Times(outputs).Select(_ => Bytes(Number(1) * Number(100)))],
            Witnesses = [.. Times(Number(4)).Select(_ => Bytes(Number(1) * Number(200)))],
        };
    }

    private ByteString SignatureOrPlace() =>
        Number(1) == 0 ? FiberLink.Chain.Signing.Sighash.EmptyLock : Bytes(RecoverableSignature.Length);

    private ByteString? Part() => Number(2) == 0 ? Bytes(Number(40)) : null;

    private static IEnumerable<int> Times(int count) => Enumerable.Range(0, count);
}
