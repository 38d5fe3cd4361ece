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

    private const string Release = "delete from read_models.wallet_cells where transaction_hash = any($1::text[])";

    private const string Reserve =
        "insert into read_models.wallet_cells (out_point, transaction_hash) select * from unnest($1::text[], $2::text[])";

    public string Name => "WalletCells";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        var fold = new Fold();
        foreach (var @event in events)
        {
            switch (@event.Body)
            {
                case WithdrawalEvent.TransactionPrepared { Transaction: var transaction }:
                    fold.LetGo(transaction.Replaces);
                    fold.Take(transaction);
                    break;
                case WithdrawalEvent.AttemptFailed e:
                    fold.LetGo(e.Evidence);
                    break;
                case WithdrawalEvent.MadeFinal e:
                    fold.LetGo(e.Evidence);
                    break;
                default:
                    break;
            }
        }

        fold.Write(batch);
    }

    /// <summary>What is left of a batch: what it lets go, and what it reserves and keeps.</summary>
    private sealed class Fold
    {
        private readonly HashSet<(string OutPoint, string Hash)> _reserved = [];
        private readonly HashSet<string> _released = new(StringComparer.Ordinal);

        // Several withdrawals are paid by one transaction. Another transaction over the cell is for the constraint to refuse.
        public void Take(PayoutTransaction transaction) => _reserved.UnionWith(transaction.Inputs.Select(i => (i, transaction.Hash)));

        public void LetGo(string? hash)
        {
            if (hash is not null)
            {
                _released.Add(hash);
                _reserved.RemoveWhere(r => r.Hash == hash);
            }
        }

        public void Write(NpgsqlBatch batch)
        {
            if (_released.Count > 0)
            {
                batch.Add(Release, Columns.Text(_released));
            }

            if (_reserved.Count > 0)
            {
                batch.Add(Reserve, Columns.Text(_reserved.Select(r => r.OutPoint)), Columns.Text(_reserved.Select(r => r.Hash)));
            }
        }
    }
}
