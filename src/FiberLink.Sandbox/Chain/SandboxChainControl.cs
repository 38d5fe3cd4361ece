using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Control;

namespace FiberLink.Sandbox.Chain;

/// <summary>The chain at one moment.</summary>
/// <param name="TipNumber">Of the last block.</param>
/// <param name="TipHash">Of the last block.</param>
/// <param name="Pool">The transactions that wait, in the order in which they came.</param>
/// <param name="Live">What all cells that are there hold, in shannon.</param>
/// <param name="Funded">What was made out of nothing, in shannon.</param>
/// <param name="Fees">What transactions in blocks left to the miners, in shannon; with what is live, all that was funded.</param>
public sealed record SandboxChainState(
    ulong TipNumber, Bytes32 TipHash, IReadOnlyList<Bytes32> Pool, UInt128 Live, UInt128 Funded, UInt128 Fees);

/// <summary>
/// Makes things happen at a running sandbox chain. Every method throws <see cref="SandboxRefusedException"/> with a readable reason when
/// the sandbox won't, and <see cref="HttpRequestException"/> when it isn't there.
/// </summary>
/// <param name="http">The caller's.</param>
/// <param name="node">The node's address, as <see cref="SandboxChain.Endpoint"/> tells it.</param>
/// <param name="chain">As the node's own options say.</param>
public sealed class SandboxChainControl(HttpClient http, Uri node, ChainParameters chain)
{
    private readonly ControlCalls _calls = new(http, node);

    /// <summary>A block comes with fresh cells of coins.</summary>
    /// <param name="owner">Their lock.</param>
    /// <param name="capacity">Of each, in shannon.</param>
    /// <param name="cells">How many.</param>
    /// <param name="ct">Gives up.</param>
    public Task<IReadOnlyList<OutPoint>> FundAsync(Script owner, ulong capacity, int cells, CancellationToken ct) =>
        FundAsync(new(AddressOf(owner), HexQuantity.Format(capacity), Cells: cells), ct);

    /// <summary>A block comes with a fresh cell of a token.</summary>
    /// <param name="owner">Its lock.</param>
    /// <param name="token">Its type.</param>
    /// <param name="amount">In smallest units.</param>
    /// <param name="capacity">Of the cell, in shannon.</param>
    /// <param name="ct">Gives up.</param>
    public Task<IReadOnlyList<OutPoint>> FundTokenAsync(
        Script owner, Script token, UInt128 amount, ulong capacity, CancellationToken ct) => FundAsync(
            new(
                AddressOf(owner),
                HexQuantity.Format(capacity),
                new(token.CodeHash.ToHex(), ScriptHashTypes.NameOf(token.HashType), token.Args.ToString()),
                HexQuantity.Format(amount)),
            ct);

    /// <summary>So many blocks come.</summary>
    public Task<SandboxChainState> MineAsync(int blocks, CancellationToken ct) =>
        ChangeAsync("mine", new ChainControlWire.Mine(blocks), ct);

    /// <summary>A block comes with this transaction, though the pool may know nothing of it: another node's has it.</summary>
    public Task<SandboxChainState> CommitAsync(Transaction transaction, CancellationToken ct) =>
        ChangeAsync("commit", new ChainControlWire.Commit(Transaction: ChainLine.Write(transaction)), ct);

    /// <summary>
    /// The last blocks are taken back, and one more comes in their place. Their transactions are in the pool again, but for those of
    /// which a cell is spent by another now.
    /// </summary>
    /// <param name="depth">How many blocks.</param>
    /// <param name="conflict">A transaction in the first of the new blocks; null for none.</param>
    /// <param name="forget">The node knows nothing any more of what was in the old blocks.</param>
    /// <param name="ct">Gives up.</param>
    public Task<SandboxChainState> ReorganiseAsync(int depth, Transaction? conflict, bool forget, CancellationToken ct) => ChangeAsync(
        "reorg", new ChainControlWire.Reorganise(depth, conflict is null ? null : ChainLine.Write(conflict), forget), ct);

    /// <summary>The pool lets go of a transaction and says why; null for because it waited too long.</summary>
    public Task<SandboxChainState> RejectAsync(Bytes32 hash, string? reason, CancellationToken ct) =>
        ChangeAsync("reject", new ChainControlWire.Reject(hash.ToHex(), reason), ct);

    /// <summary>The pool lets go of a transaction and knows nothing of it any more.</summary>
    public Task<SandboxChainState> DropAsync(Bytes32 hash, CancellationToken ct) =>
        ChangeAsync("drop", new ChainControlWire.Drop(hash.ToHex()), ct);

    /// <summary>The next so many calls of a method are refused with this code and text, and not executed.</summary>
    public Task RefuseAsync(string method, int code, string message, int count, CancellationToken ct) =>
        _calls.SwitchAsync("refuse", new ChainControlWire.Refuse(method, code, message, count), ct);

    /// <summary>The list of cells is so many blocks behind from now on.</summary>
    public Task LagAsync(int blocks, CancellationToken ct) => _calls.SwitchAsync("lag", new ChainControlWire.Lag(blocks), ct);

    /// <summary>What the node says that a fee should be, in shannon for a thousand bytes; null for the lowest that it takes.</summary>
    public Task SayFeeRateAsync(ulong? rate, CancellationToken ct) =>
        _calls.SwitchAsync("fee-rate", new ChainControlWire.FeeRate(rate is { } r ? HexQuantity.Format(r) : null), ct);

    /// <summary>So many calls are executed and then get no answer.</summary>
    public Task LoseAnswersAsync(int count, CancellationToken ct) =>
        _calls.SwitchAsync("lose-answers", new ControlWire.LoseAnswers(count), ct);

    /// <summary>Connections are cut by chance, from now on in the same order for the same seed; zeros end it.</summary>
    /// <param name="before">The share of calls, 0 to 1, that are cut and not executed.</param>
    /// <param name="after">The share that is executed and not answered.</param>
    /// <param name="seed">Where the accidents begin.</param>
    /// <param name="ct">Gives up.</param>
    public Task CutByChanceAsync(double before, double after, int seed, CancellationToken ct) =>
        _calls.SwitchAsync("cut", new ControlWire.Cut(before, after, seed), ct);

    /// <summary>Every call waits so long before it is executed; zero ends it.</summary>
    public Task AnswerSlowlyAsync(TimeSpan delay, CancellationToken ct) =>
        _calls.SwitchAsync("slow", new ControlWire.Slow((long)delay.TotalMilliseconds), ct);

    /// <summary>The node cuts every connection without an answer, for so long or until it is told to come back.</summary>
    public Task GoAwayAsync(TimeSpan? duration, CancellationToken ct) =>
        _calls.SwitchAsync("away", new ControlWire.Away(duration is { } d ? (long)d.TotalMilliseconds : null), ct);

    public Task ComeBackAsync(CancellationToken ct) => _calls.SwitchAsync("back", new ControlWire.Nothing(), ct);

    /// <summary>Everything is right again, and the counts of calls are zero. The chain stays.</summary>
    public Task ResetAsync(CancellationToken ct) => _calls.SwitchAsync("reset", new ControlWire.Nothing(), ct);

    public async Task<SandboxChainState> StateAsync(CancellationToken ct) =>
        ToState(await _calls.GetAsync<ChainControlWire.State>("state", ct));

    /// <summary>How often each method was called since the last reset; methods never called are absent.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CallsAsync(CancellationToken ct) =>
        await _calls.GetAsync<Dictionary<string, long>>("calls", ct);

    private static SandboxChainState ToState(ChainControlWire.State state) => new(
        (ulong)Quantity(state.TipNumber),
        Bytes32.Parse(state.TipHash),
        [.. state.Pool.Select(Bytes32.Parse)],
        Quantity(state.Live),
        Quantity(state.Funded),
        Quantity(state.Fees));

    private static UInt128 Quantity(string text) => ControlReading.Quantity(text);

    private string AddressOf(Script owner) => AddressCodec.Write(owner, chain);

    private async Task<IReadOnlyList<OutPoint>> FundAsync(ChainControlWire.Fund request, CancellationToken ct)
    {
        var funded = await _calls.PostAsync<ChainControlWire.Fund, ChainControlWire.Funded>("fund", request, ct);
        return [.. Enumerable.Range(0, funded.Cells).Select(i => new OutPoint(Bytes32.Parse(funded.Transaction), (uint)i))];
    }

    private async Task<SandboxChainState> ChangeAsync<T>(string verb, T body, CancellationToken ct) =>
        ToState(await _calls.PostAsync<T, ChainControlWire.State>(verb, body, ct));
}
