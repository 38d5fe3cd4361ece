using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.WalletCells;

/// <summary>
/// Which cells are spoken for. Inline: a transaction is prepared in the commit that reserves its cells, or not at all. They are given
/// back when it is certain that the transaction is dead, or lies so deep that no reorganisation brings the cells to life again.
/// </summary>
public sealed class WalletCellsProjection : IProjection
{
    /// <summary>The constraint that a second transaction over a cell breaks.</summary>
    public const string IsReserved = "pk_wallet_cells";

    /// <summary>The constraint that a second payment by one output breaks.</summary>
    public const string IsAnothersOutput = "pk_wallet_outputs";

    private const string ReleaseOutputs = "delete from read_models.wallet_outputs where transaction_hash = any($1::text[])";

    private const string TakeOutputs =
        """
        insert into read_models.wallet_outputs (transaction_hash, output_index)
        select r.transaction_hash, r.output_index from unnest($1::text[], $2::integer[]) as r (transaction_hash, output_index)
        """;

    private const string Release = "delete from read_models.wallet_cells where transaction_hash = any($1::text[])";

    // Several withdrawals are paid by one transaction. Another transaction over the cell is for the constraint to refuse.
    private const string Reserve =
        """
        insert into read_models.wallet_cells (out_point, transaction_hash)
        select r.out_point, r.transaction_hash
          from unnest($1::text[], $2::text[]) as r (out_point, transaction_hash)
         where not exists (select from read_models.wallet_cells as w
                            where w.out_point = r.out_point and w.transaction_hash = r.transaction_hash)
        """;

    public string Name => "WalletCells";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var fold = new Fold(batch);
        foreach (var @event in events)
        {
            switch (@event.Body)
            {
                case WithdrawalEvent.TransactionPrepared { Transaction: var transaction }:
                    fold.LetGo(transaction.Replaces);
                    fold.Take(transaction.Hash, transaction.Inputs, transaction.OutputIndex);
                    break;
                case MovementEvent.Prepared { Transaction: var transaction }:
                    fold.Take(transaction.Hash, transaction.Inputs, 0);
                    break;
                case MovementEvent.TokenPrepared { Transaction: var transaction }:
                    fold.Take(transaction.Hash, transaction.Inputs, 0);
                    break;
                case MovementEvent.FundingPrepared { Transaction: var transaction }:
                    fold.Take(transaction.Hash, transaction.Inputs, 0);
                    break;

                // What a channel holds is one cell, and is given back once.
                case MovementEvent.ClosePrepared { ChannelId: var channel }:
                    fold.Take(channel, [channel], 0);
                    break;
                case MovementEvent.AttemptFailed e:
                    fold.LetGo(e.Evidence);
                    break;
                case MovementEvent.MadeFinal e:
                    fold.LetGo(e.Evidence);
                    break;
                case MovementEvent.Lost e:
                    fold.LetGo(e.Evidence);
                    break;
                case WithdrawalEvent.AttemptFailed e:
                    fold.LetGo(e.Evidence);
                    break;
                case WithdrawalEvent.Lost e:
                    fold.LetGo(e.Evidence);
                    break;
                case WithdrawalEvent.MadeFinal e:
                    fold.LetGo(e.Evidence);
                    break;
                default:
                    break;
            }
        }

        fold.Write();
    }

    /// <summary>
    /// Gathers what is let go and what is reserved after it. Letting go never moves before a reservation: what was refused at its time
    /// must not pass because it shares a batch with what came later.
    /// </summary>
    private sealed class Fold(NpgsqlBatch batch)
    {
        private readonly HashSet<(string OutPoint, string Hash)> _reserved = [];
        private readonly HashSet<string> _released = new(StringComparer.Ordinal);

        // Twice is for the constraint to refuse.
        private readonly List<(string Hash, int Output)> _outputs = [];

        // Let go in this batch and not reserved since: once is enough.
        private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

        public void Take(string hash, IEnumerable<string> inputs, int output)
        {
            _gone.Remove(hash);
            _outputs.Add((hash, output));
            _reserved.UnionWith(inputs.Select(i => (i, hash)));
        }

        public void LetGo(string? hash)
        {
            if (hash is null || !_gone.Add(hash))
            {
                return;
            }

            if (_reserved.Count > 0)
            {
                Write();
            }

            _released.Add(hash);
        }

        public void Write()
        {
            if (_released.Count > 0)
            {
                batch.Add(Release, Columns.Text(_released));
                batch.Add(ReleaseOutputs, Columns.Text(_released));
            }

            if (_reserved.Count > 0)
            {
                batch.Add(Reserve, Columns.Text(_reserved.Select(r => r.OutPoint)), Columns.Text(_reserved.Select(r => r.Hash)));
                batch.Add(
                    TakeOutputs, Columns.Text(_outputs.Select(o => o.Hash)), Columns.Whole(_outputs.Select(o => (int?)o.Output)));
            }

            _released.Clear();
            _reserved.Clear();
            _outputs.Clear();
        }
    }
}
