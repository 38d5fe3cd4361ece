using System.Text.Json;
using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Control;

namespace FiberLink.Sandbox.Chain;

/// <summary>What an operator of the chain can make happen, one verb to a path under <c>/sandbox/</c>.</summary>
internal sealed class ChainControl(
    ChainBook book, ChainFaults faults, ChainDispatch dispatch, Faults ways, SandboxChainOptions options) : IAnswerControl
{
    private const int CellsMax = 1_000;

    private readonly FaultControl _ways = new(ways);

    public ControlAnswer Answer(string httpMethod, string verb, byte[] body)
    {
        try
        {
            return (httpMethod, verb) switch
            {
                ("GET", "state") => new ControlAnswer.Done(book.Read(StateOf)),
                ("GET", "calls") => new ControlAnswer.Done(new SortedDictionary<string, long>(dispatch.Calls.ToDictionary())),
                ("POST", "fund") => Fund(ControlReading.Read<ChainControlWire.Fund>(body)),
                ("POST", "mine") => Mine(ControlReading.Read<ChainControlWire.Mine>(body).Count),
                ("POST", "commit") => Commit(ControlReading.Read<ChainControlWire.Commit>(body)),
                ("POST", "reorg") => Reorganise(ControlReading.Read<ChainControlWire.Reorganise>(body)),
                ("POST", "reject") => Reject(ControlReading.Read<ChainControlWire.Reject>(body)),
                ("POST", "drop") => Leave(ControlReading.Read<ChainControlWire.Drop>(body).Hash, reason: null),
                ("POST", "refuse") => Refuse(ControlReading.Read<ChainControlWire.Refuse>(body)),
                ("POST", "lag") => Lag(ControlReading.Read<ChainControlWire.Lag>(body)),
                ("POST", "fee-rate") => FeeRate(ControlReading.Read<ChainControlWire.FeeRate>(body)),
                ("POST", "reset") => Switch(() =>
                {
                    ways.Reset();
                    faults.Reset();
                    dispatch.ForgetCalls();
                }),
                _ => _ways.Answer(httpMethod, verb, body) ?? new ControlAnswer.NoSuchThing(),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return new ControlAnswer.Unreadable(e.Message);
        }
    }

    private static ChainControlWire.State StateOf(ChainState state)
    {
        var live = Sum(state.Cells.Where(c => c.SpentIn is null).Select(c => c.Cell.Output.Capacity));
        var funded = state.Blocks.Aggregate(UInt128.Zero, (sum, b) => sum + Fundings.Total(b.Transactions));
        var spent = Sum(state.Cells.Where(c => c.SpentIn is not null).Select(c => c.Cell.Output.Capacity));
        var made = Sum(state.Blocks.SelectMany(b => b.Transactions).Where(t => !Fundings.IsOne(t))
            .SelectMany(t => t.Outputs).Select(o => o.Capacity));
        return new(
            HexQuantity.Format(state.Tip.Number),
            state.Tip.Hash.ToHex(),
            [.. state.Pool.Select(e => e.Hash.ToHex())],
            HexQuantity.Format(live),
            HexQuantity.Format(funded),
            HexQuantity.Format(spent - made));
    }

    private static UInt128 Sum(IEnumerable<ulong> capacities) => capacities.Aggregate(UInt128.Zero, (sum, c) => sum + c);

    private ControlAnswer Fund(ChainControlWire.Fund request)
    {
        if (AddressCodec.Read(request.Address, options.Chain) is not AddressReading.Read { Lock: var owner })
        {
            return new ControlAnswer.Refused("That is no address of this chain.");
        }

        if (request.Cells is < 1 or > CellsMax)
        {
            throw new FormatException($"From 1 to {CellsMax} cells.");
        }

        var token = ControlReading.Script(request.UdtScript) is { } script ? TokenOf(script) : null;
        var amount = request.Amount is { } text ? ControlReading.Quantity(text) : 0;
        var capacity = ControlReading.Quantity(request.Capacity);
        var least = CellOutput.OccupiedShannon(owner, token, token is null ? 0 : Cell.UdtDataLength);
        if (capacity < least || capacity > ulong.MaxValue / CellsMax)
        {
            return new ControlAnswer.Refused($"A cell of this kind takes up {least} shannon.");
        }

        var made = book.Fund(owner, token, (ulong)capacity, amount, request.Cells);
        return new ControlAnswer.Done(new ChainControlWire.Funded(made[0].TransactionHash.ToHex(), made.Count));
    }

    private static Script TokenOf(HubNode.UdtScript script) => new(
        Bytes32.Parse(script.CodeHash),
        ScriptHashTypes.Find(script.HashType) ?? throw new FormatException("There is no such hash type."),
        ByteString.Parse(script.Args));

    private ControlAnswer.Done Mine(int count)
    {
        if (count is < 1 or > ChainBook.BlocksMax)
        {
            throw new FormatException($"From 1 to {ChainBook.BlocksMax} blocks.");
        }

        book.MineBlocks(count);
        return new(book.Read(StateOf));
    }

    private ControlAnswer Commit(ChainControlWire.Commit request)
    {
        var transaction = request switch
        {
            { Transaction: { } text, Hash: null } => ChainLine.Read(text),
            { Transaction: null, Hash: { } hash } => book.Read(s => s.FindKnown(Bytes32.Parse(hash))),
            _ => throw new FormatException("Say which transaction: hash or transaction, one of them."),
        };
        return Outcome(transaction is null ? "The node has never seen it." : book.Commit(transaction));
    }

    private ControlAnswer Reorganise(ChainControlWire.Reorganise request) => Outcome(book.Reorganise(
        request.Depth, request.Conflict is { } conflict ? ChainLine.Read(conflict) : null, request.Forget));

    private ControlAnswer Reject(ChainControlWire.Reject request) =>
        Leave(request.Hash, request.Reason ?? PoolReject.Expired(book.Read(s => s.Tip.Timestamp)).Reason);

    private ControlAnswer Leave(string hash, string? reason) =>
        Outcome(book.Drop(Bytes32.Parse(hash), reason) ? null : "The pool doesn't have it.");

    private ControlAnswer Outcome(string? refusal) =>
        refusal is null ? new ControlAnswer.Done(book.Read(StateOf)) : new ControlAnswer.Refused(refusal);

    private ControlAnswer Refuse(ChainControlWire.Refuse request) =>
        faults.TryRefuse(request.Method, request.Code, request.Message, ControlReading.Count(request.Count))
            ? new ControlAnswer.Done(new ControlWire.Nothing())
            : new ControlAnswer.Refused($"At most {ChainFaults.RefusalsMax} methods can be refused.");

    private ControlAnswer.Done Lag(ChainControlWire.Lag request)
    {
        var blocks = (ulong)ControlReading.Count(request.Blocks);
        return Switch(() => faults.Lag = blocks);
    }

    private ControlAnswer.Done FeeRate(ChainControlWire.FeeRate request)
    {
        var rate = request.Rate is { } text ? ControlReading.Quantity(text) : (UInt128?)null;
        return rate > ulong.MaxValue
            ? throw new FormatException("A fee rate has 64 bits.")
            : Switch(() => faults.FeeRate = (ulong?)rate);
    }

    private static ControlAnswer.Done Switch(Action change)
    {
        change();
        return new(new ControlWire.Nothing());
    }
}
