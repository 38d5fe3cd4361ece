using System.Collections.Immutable;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Tests.Transfers;

/// <summary>A wallet with any cells, and an order that it may or may not be able to fill.</summary>
internal sealed record Scene(TransferOrder Order, IReadOnlyList<Cell> Cells, HashSet<OutPoint> Reserved)
{
    public const ulong Coin = CellOutput.ShannonPerByte;

    public static ChainParameters Chain { get; } = ChainParameters.Testnet;

    public static Script Wallet { get; } = new RandomChain(1).Sighash(Chain);

    public static Script Member { get; } = new RandomChain(2).Sighash(Chain);

    public static Script Token { get; } = Chain.TokenCodes[0].With(new RandomChain(3).Bytes(32));

    public static Script OtherToken { get; } = Chain.TokenCodes[0].With(new RandomChain(4).Bytes(32));

    public static FeePolicy Fee { get; } = new(1000, Coin / 100);

    public TransferPlan Plan() => TransferPlanner.Plan(Order, Cells, Reserved, Chain);

    /// <summary>Cells of so many coins, for one payment of coins.</summary>
    public static Scene Of(ulong payment, params ulong[] capacities) =>
        new(new(Wallet, [new(Member, Udt: null, payment)], Fee), [.. capacities.Select((c, i) => CoinCell((uint)i, c))], []);

    public static Cell CoinCell(uint index, ulong capacity) =>
        new(new(default, index), new(capacity, Wallet, Type: null), ByteString.Empty);

    public static Cell TokenCell(uint index, UInt128 amount, ulong capacity = 142 * Coin, Script? token = null) =>
        new(new(default, index), new(capacity, Wallet, token ?? Token), Cell.UdtData(amount));

    /// <summary>Anything, by a seed.</summary>
    public static Scene Any(int seed)
    {
        var random = new RandomChain(seed);
        var cells = new List<Cell>();
        for (var i = 2 + random.Number(12); i > 0; i--)
        {
            var amount = (UInt128)random.Number(500);
            var cell = random.Number(9) switch
            {
                0 => TokenCell(0, amount, Shannon(random, 142, 300)),
                1 => TokenCell(0, amount, Shannon(random, 142, 300), OtherToken),
                2 => CoinCell(0, Shannon(random, 61, 400)) with { Data = random.Bytes(1 + random.Number(20)) },
                3 => CoinCell(0, Shannon(random, 61, 400)) is var c ? c with { Output = c.Output with { Lock = Member } } : c,
                4 => TokenCell(0, amount) with { Data = random.Bytes(17) },
                _ => CoinCell(0, Shannon(random, 61, random.Number(1) == 0 ? 70 : 400)),
            };
            cells.Add(cell with { OutPoint = random.OutPoint() });
        }

        // The node may name a cell twice, when a block comes between two pages.
        cells.AddRange(cells.Where(_ => random.Number(9) == 0).ToList());
        HashSet<OutPoint> reserved = [.. cells.Where(_ => random.Number(8) == 0).Select(c => c.OutPoint)];
        var count = random.Number(20) == 0 ? 0 : 1 + random.Number(2);
        ImmutableArray<Payment> payments = [.. Enumerable.Range(0, count).Select(_ => PaymentOf(random))];
        var fee = new FeePolicy((ulong)random.Number(20) * 500, (ulong)random.Number(3) switch
        {
            0 => (ulong)random.Number(20_000),
            1 => (ulong)random.Number(100) * Coin,
            _ => Coin / 10,
        });
        return new(new(Wallet, payments, fee) { InputsMax = 1 + random.Number(random.Number(3) == 0 ? 3 : 20) }, cells, reserved);
    }

    private static Payment PaymentOf(RandomChain random) => random.Number(5) switch
    {
        0 => new(random.Script(30), Token, (UInt128)random.Number(300)),
        1 => new(Member, OtherToken, (UInt128)random.Number(400)),
        2 => new(random.Script(20), Udt: null, Shannon(random, 60, 120)),
        _ => new(Member, Udt: null, Shannon(random, 61, 300)),
    };

    private static ulong Shannon(RandomChain random, int least, int most) =>
        ((ulong)(least + random.Number(most - least)) * Coin) + (random.Number(2) == 0 ? (ulong)random.Number(5000) : 0);
}
