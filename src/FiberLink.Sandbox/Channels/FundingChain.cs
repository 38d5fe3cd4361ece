using System.Collections.Immutable;
using FiberLink.Chain;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;
using FiberLink.Sandbox.Chain;

namespace FiberLink.Sandbox.Channels;

/// <summary>What the node and its peers do on the chain: they fund channels together, and close them.</summary>
internal sealed class FundingChain(HttpClient http, Uri chain, SandboxIdentity identity, TimeProvider time)
{
    /// <summary>What is kept back of each side, so that the channel can be closed.</summary>
    public const ulong KeptBack = 99 * CellOutput.ShannonPerByte;

    private const ulong PeersCell = 1_000 * CellOutput.ShannonPerByte;
    private const ulong PeersFee = 600;
    private const int ClosingBytes = 600;
    private const int CellsMax = 1_000;

    private static readonly ChainParameters Parameters = ChainParameters.Testnet;
    private static readonly ByteString PlaceOfSignature = new WitnessArgs(Sighash.EmptyLock).ToWitness();

    private readonly JsonRpcCkbNode _node = new(http, new() { Endpoint = chain }, time);
    private readonly SandboxChainControl _control = new(http, chain, Parameters);

    /// <summary>An unsigned transaction over cells of a lock and one of the peer's; or what is in the way, in the node's words.</summary>
    /// <param name="channelId">The lock of what the channel holds is made from it.</param>
    /// <param name="owner">Whose cells.</param>
    /// <param name="amount">What is put in, in shannon; the peer adds what is kept back of it.</param>
    /// <param name="feeRate">Shannon for a thousand bytes.</param>
    /// <param name="peer">The other side.</param>
    /// <param name="taken">Cells that other openings are to spend.</param>
    public async Task<(Transaction? Unsigned, string? Problem)> BuildAsync(
        string channelId, Script owner, ulong amount, ulong feeRate, int peer, IReadOnlySet<OutPoint> taken)
    {
        if (await WalletCells.ReadAsync(_node, owner, CellsMax, CancellationToken.None)
                is not ChainAnswer<IReadOnlyList<Cell>>.Ok { Value: var cells }
            || await PeersCellAsync(peer, taken) is not { } theirs)
        {
            return (null, "Failed to build CKB tx: the CKB node does not answer");
        }

        var chosen = new List<Cell>();
        var (sum, change, fee) = (0UL, 0UL, 0UL);
        foreach (var cell in cells.Where(c => c.Output.Type is null && c.Data.Length == 0 && !taken.Contains(c.OutPoint)))
        {
            chosen.Add(cell);
            sum += cell.Output.Capacity;
            fee = feeRate * (ulong)Made(channelId, owner, chosen, theirs, amount, 0).SizeInBlock / 1000;
            if (sum >= amount + fee + CellOutput.OccupiedShannon(owner, null, 0))
            {
                change = sum - amount - fee;
                return (Made(channelId, owner, chosen, theirs, amount, change), null);
            }
        }

        return (null, "Failed to build CKB tx: balance capacity error: `capacity not enough: `need more capacity``");
    }

    /// <summary>The peer signs for its own cell.</summary>
    public Transaction Join(Transaction signed, int peer)
    {
        using var key = identity.CoinsOf(peer);
        var input = signed.Inputs.Length - 1;
        return Sighash.WithSignature(signed, input, key.Sign(Sighash.Digest(signed, [input]).ToBytes()));
    }

    /// <summary>What closes a channel; null while the chain does not answer.</summary>
    public async Task<Transaction?> CloseAsync(ChannelState channel, string channelId)
    {
        var (opened, close) = (channel.Opened, ScriptOf(channel.Opened.CloseTo!));
        try
        {
            // One that was there from the beginning has no cell yet.
            var cell = opened.Funding is { } funding
                ? new OutPoint(ChainLine.Read(funding).Hash(), 0)
                : (await _control.FundAsync(
                    ChannelLock(channelId), (ulong)(channel.Local + channel.Remote) + (2 * KeptBack), 1, CancellationToken.None))[0];
            var fee = opened.CloseFeeRate * ClosingBytes / 1000;
            ImmutableArray<CellOutput> outputs =
            [
                new((ulong)channel.Local + KeptBack - fee, close, null),
                new((ulong)channel.Remote + KeptBack - fee, PeersLock(opened.Peer), null),
            ];
            return new Transaction
            {
                Inputs = [new(cell)],
                Outputs = outputs,
                OutputsData = [ByteString.Empty, ByteString.Empty],
                Witnesses = [ByteString.Empty],
            };
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Whether a block has it; null when it can never be. It is sent again where the chain does not know it.</summary>
    public async Task<bool?> IsCommittedAsync(Transaction transaction)
    {
        switch (await _node.GetTransactionStateAsync(transaction.Hash(), CancellationToken.None))
        {
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Committed }:
                return true;
            case ChainAnswer<TransactionState>.Ok { Value: TransactionState.Unknown or TransactionState.Rejected }:
                return await _node.SendTransactionAsync(transaction, CancellationToken.None) is SendOutcome.Refused
                {
                    Reason: not (SendRefusal.PoolFull or SendRefusal.Conflict),
                }
                    ? null
                    : false;
            default:
                return false;
        }
    }

    public static Script ScriptOf(HubNode.UdtScript script) => new(
        Bytes32.Parse(script.CodeHash), ScriptHashTypes.Find(script.HashType)!.Value, ByteString.Parse(script.Args));

    private async Task<Cell?> PeersCellAsync(int peer, IReadOnlySet<OutPoint> taken)
    {
        try
        {
            for (var isSecond = false; ; isSecond = true)
            {
                if (await WalletCells.ReadAsync(_node, PeersLock(peer), CellsMax, CancellationToken.None)
                        is not ChainAnswer<IReadOnlyList<Cell>>.Ok { Value: var cells })
                {
                    return null;
                }

                var free = cells.FirstOrDefault(c => c.Output.Capacity == PeersCell && !taken.Contains(c.OutPoint));
                if (free is not null || isSecond)
                {
                    return free;
                }

                await _control.FundAsync(PeersLock(peer), PeersCell, 1, CancellationToken.None);
            }
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Transaction Made(
        string channelId, Script owner, List<Cell> ours, Cell theirs, ulong amount, ulong change) => new()
        {
            CellDeps = Parameters.Sighash.CellDeps,
            Inputs = [.. ours.Select(c => new CellInput(c.OutPoint)), new(theirs.OutPoint)],
            Outputs =
            [
                new(amount + KeptBack, ChannelLock(channelId), null),
                new(change, owner, null),
                new(theirs.Output.Capacity - KeptBack - PeersFee, theirs.Output.Lock, null),
            ],
            OutputsData = [ByteString.Empty, ByteString.Empty, ByteString.Empty],
            Witnesses = [PlaceOfSignature, .. Enumerable.Repeat(ByteString.Empty, ours.Count - 1), PlaceOfSignature],
        };

    private Script PeersLock(int peer)
    {
        using var key = identity.CoinsOf(peer);
        return Parameters.LockOf(key.PublicKey);
    }

    private static Script ChannelLock(string channelId) =>
        Parameters.Funding.With(
            ByteString.From(CkbHash.Compute(Bytes32.Parse(channelId).ToBytes()).AsSpan(..ChainParameters.KeyHashLength)));
}
