using System.Collections.Immutable;
using System.Runtime.Versioning;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Signing.Journal;
using FiberLink.Chain.Signing.Policy;
using FiberLink.Chain.Transactions;
using FiberLink.Chain.Transfers;

namespace FiberLink.Chain.Signing.Remote;

/// <summary>A request to sign, read.</summary>
/// <param name="Transaction">Unsigned.</param>
/// <param name="Said">The cells of its inputs, in order, as the client believes.</param>
/// <param name="Digest">As the client reckons it.</param>
internal sealed record SignatureAsked(Transaction Transaction, ImmutableArray<Cell> Said, Bytes32 Digest);

/// <summary>
/// Decides what is signed. What takes time (looking cells up) comes first and for several at once; then, one at a time, the limits are
/// looked at, the journal is written, and only then it is signed.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SignerDesk : IDisposable
{
    private readonly SigningKey _key;
    private readonly SignerServerOptions _options;
    private readonly SignerJournal _journal;
    private readonly InputCells _cells;
    private readonly TimeProvider _time;
    private readonly Script _own;
    private readonly SpendingBook _book;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public SignerDesk(SigningKey key, SignerServerOptions options, SignerJournal journal, InputCells cells, TimeProvider time)
    {
        (_key, _options, _journal, _cells, _time) = (key, options, journal, cells, time);
        _own = Policy.Chain.LockOf(key.PublicKey);
        _book = new(SignerPolicy.Hour, Policy.InputsHeld);
        foreach (var line in journal.Lines)
        {
            _book.Take(line);
        }

        _book.Prune(time.GetUtcNow());
    }

    private SignerPolicy Policy => _options.Policy;

    public async Task<SigningAnswer> SignAsync(SignatureAsked asked, CancellationToken ct)
    {
        if (TransferShape.Objection(asked.Transaction, _own, Policy) is { } objection)
        {
            return objection;
        }

        if (DigestOf(asked) != asked.Digest)
        {
            return new SigningAnswer.Refused(SigningRefusal.DigestMismatch, "The digest isn't that of the transaction.");
        }

        var hash = asked.Transaction.Hash();
        if (await KnowsAsync(hash, ct))
        {
            // It let out what it lets out when it was signed first; its cells may be spent by now, by itself.
            return new SigningAnswer.Agreed(_key.Sign(asked.Digest.ToBytes()));
        }

        var (cells, unseen) = await _cells.ReadAsync(asked.Said, ct);
        if (unseen is not null)
        {
            return unseen;
        }

        var (outflow, refused) = Outflow.Of(asked.Transaction, cells, _own, Policy);
        if (outflow is null)
        {
            return refused!;
        }

        await _options.AtStepAsync(SignerStep.CellsSeen, ct);
        return await SettleAsync(asked, hash, cells, outflow, ct);
    }

    public async Task<SignerStatus> StatusAsync(CancellationToken ct)
    {
        using var turn = await TurnAsync(ct);
        var now = _time.GetUtcNow();
        _book.Prune(now);
        return new(
            AddressCodec.Write(_own, Policy.Chain),
            _key.PublicKey.ToString(),
            Policy.Chain.NodeName,
            _cells.LooksUp,
            [.. Policy.Limits.Select(
                l => new SignerAssetStatus(l.Name, l.PerTransaction, l.PerHour, _book.UsedWithinHour(l.Key, now)))],
            Policy.FeeCap,
            _book.KnownCount,
            _book.InputsHeldCount,
            !_journal.IsBroken);
    }

    /// <summary>Whether the transaction was known.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async Task<bool> ForgetAsync(Bytes32 transaction, string reason, uint by, CancellationToken ct)
    {
        using var turn = await TurnAsync(ct);
        if (!_book.Knows(transaction))
        {
            return false;
        }

        Write(new JournalLine.Forgotten(_time.GetUtcNow().ToUnixTimeMilliseconds(), transaction, reason, by));
        return true;
    }

    public void Dispose()
    {
        _journal.Dispose();
        _oneAtATime.Dispose();
    }

    /// <summary>Null where the transaction has no place for a signature of this key.</summary>
    private Bytes32? DigestOf(SignatureAsked asked)
    {
        // Only what funds a channel may spend cells of others too. Which they are is looked up before anything is signed.
        IReadOnlyList<int> group =
        [
            .. Enumerable.Range(0, asked.Said.Length).Where(
                i => !ChannelFunding.IsMeant(asked.Transaction, Policy.Chain) || asked.Said[i].Output.Lock == _own),
        ];
        return group.Count > 0 && group[0] < asked.Transaction.Witnesses.Length
            && WitnessArgs.FromWitness(asked.Transaction.Witnesses[group[0]]) is { Lock.Length: RecoverableSignature.Length }
                ? Sighash.Digest(asked.Transaction, group)
                : null;
    }

    private async Task<SigningAnswer> SettleAsync(
        SignatureAsked asked, Bytes32 hash, ImmutableArray<Cell> cells, Outflow outflow, CancellationToken ct)
    {
        // A peer's cell is not ours to keep for anything: of a channel that came to nothing it may be put into the next one.
        ImmutableArray<OutPoint> own = [.. cells.Where(c => c.Output.Lock == _own).Select(c => c.OutPoint)];
        using var turn = await TurnAsync(ct);
        if (!_book.Knows(hash))
        {
            var pays = PaysOf(asked.Transaction, own);
            var now = _time.GetUtcNow();
            _book.Prune(now);
            var (replaced, conflict) = Replaced(asked.Transaction, own, pays, now);
            var leaving = replaced is null ? outflow : outflow.Beyond(replaced.Fee);
            if ((conflict ?? HourObjection(leaving, now)) is { } objection)
            {
                return objection;
            }

            await _options.AtStepAsync(SignerStep.Decided, ct);
            try
            {
                Write(new JournalLine.Signed(
                    // Rounded up: nothing counts for less than its hour.
                    (now + TimeSpan.FromMilliseconds(1) - TimeSpan.FromTicks(1)).ToUnixTimeMilliseconds(),
                    hash,
                    own,
                    leaving.Assets.ToImmutableDictionary(a => a.Limit.Key, a => a.Units),
                    outflow.Fee,
                    pays));
            }
            catch (IOException)
            {
                return new SigningAnswer.Refused(
                    SigningRefusal.JournalFailed, "The signer's journal cannot be written; nothing is signed until it is started again.");
            }

            await _options.AtStepAsync(SignerStep.Journaled, CancellationToken.None);
        }

        var signature = _key.Sign(asked.Digest.ToBytes());
        await _options.AtStepAsync(SignerStep.SignatureMade, CancellationToken.None);
        return new SigningAnswer.Agreed(signature);
    }

    private void Write(JournalLine line)
    {
        _journal.Append(line);
        _book.Take(line);
    }

    /// <summary>
    /// What the transaction takes the place of; or why it is not signed, because a cell of it is spent by something else that was. Another
    /// one is signed for the same cells when it spends exactly these and pays exactly the same: only its fee and its change differ.
    /// </summary>
    private (JournalLine.Signed? Replaced, SigningAnswer.Refused? Conflict) Replaced(
        Transaction transaction, ImmutableArray<OutPoint> own, Bytes32 pays, DateTimeOffset now)
    {
        // What gives everything back to the wallet cannot let out more than its fee: so coins come back that a channel was meant to have.
        if (Policy.FundsChannels && transaction.Outputs.All(o => o.Lock == _own))
        {
            return (null, null);
        }

        var held = own.Select(c => (Cell: c, Holder: _book.HolderOf(c, now)))
            .Where(i => i.Holder is not null)
            .ToList();
        return held switch
        {
            [] => (null, null),
            [(_, { } holder), ..] when holder.Pays == pays
                && holder.Inputs.ToHashSet().SetEquals(own) => (holder, null),
            [var (cell, holder), ..] => (null, new(
                SigningRefusal.InputsSignedFor, $"The cell {cell} is spent by {holder!.Transaction}, which was signed before.")),
        };
    }

    /// <summary>
    /// One value for all outputs that do not come back to the wallet, each as it is and in its place among them, and for the cells of
    /// others that help to pay for them.
    /// </summary>
    private Bytes32 PaysOf(Transaction transaction, ImmutableArray<OutPoint> own)
    {
        var paid = Enumerable.Range(0, transaction.Outputs.Length).Where(i => transaction.Outputs[i].Lock != _own).ToList();
        return new Transaction
        {
            Inputs = [.. transaction.Inputs.Where(i => !own.Contains(i.PreviousOutput))],
            Outputs = [.. paid.Select(i => transaction.Outputs[i])],
            OutputsData = [.. paid.Select(i => transaction.OutputsData[i])],
        }.Hash();
    }

    private SigningAnswer.Refused? HourObjection(Outflow outflow, DateTimeOffset now) => outflow.Assets
        .Select(a => (a.Limit, a.Units, Used: _book.UsedWithinHour(a.Limit.Key, now)))
        .Where(a => a.Used > a.Limit.PerHour || a.Units > a.Limit.PerHour - a.Used)
        .Select(a => new SigningAnswer.Refused(
            SigningRefusal.AboveHourLimit,
            $"{a.Units} of {a.Limit.Name} would leave; an hour may let out {a.Limit.PerHour}, of which {a.Used} are used.",
            new(a.Limit.Name, a.Units, a.Limit.PerHour, a.Used)))
        .FirstOrDefault();

    private async Task<bool> KnowsAsync(Bytes32 hash, CancellationToken ct)
    {
        using var turn = await TurnAsync(ct);
        return _book.Knows(hash);
    }

    private async Task<Turn> TurnAsync(CancellationToken ct)
    {
        await _oneAtATime.WaitAsync(ct);
        return new(_oneAtATime);
    }

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
