using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;

namespace FiberLink.Service.Reconciliation.OnChain;

/// <summary>How far the log says a transaction is.</summary>
internal enum ClaimStage
{
    /// <summary>The intent is stored, or another has taken its place: the network may have it, and need not.</summary>
    Meant = 1,

    /// <summary>The network was seen to have it.</summary>
    Sent = 2,

    /// <summary>A block has it.</summary>
    InBlock = 3,

    /// <summary>It counted once, and its block was taken back: it is sent again.</summary>
    TakenBack = 4,

    /// <summary>It is certain that it will never be in the chain.</summary>
    Dead = 5,
}

/// <summary>What the log says of a transaction.</summary>
/// <param name="Stream">Whose it is.</param>
/// <param name="Attempt">Its number there.</param>
/// <param name="Hash">0x and 64 lower-case hex digits.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Since">Since when.</param>
internal sealed record ChainClaim(StreamId Stream, int Attempt, string Hash, ClaimStage Stage, DateTimeOffset Since)
{
    public string? BlockHash { get; init; }

    /// <summary>It lies so deep that nobody watches it any longer.</summary>
    public bool IsFinal { get; init; }

    /// <summary>What the recipient gets.</summary>
    public Amount? Money { get; init; }

    /// <summary>The recipient; null where it is no plain payment.</summary>
    public string? Address { get; init; }

    /// <summary>Which output is the recipient's.</summary>
    public int OutputIndex { get; init; }

    /// <summary>Every transaction that a withdrawal's or a movement's events name, as they stand.</summary>
    /// <param name="stream">The stream, whole.</param>
    public static IReadOnlyList<ChainClaim> Of(EventStream stream)
    {
        var claims = new List<ChainClaim>();
        foreach (var @event in stream.Events)
        {
            switch (@event.Body)
            {
                case WithdrawalEvent.TransactionPrepared e:
                    Change(c => c.Hash == e.Transaction.Replaces, c => c with { Stage = ClaimStage.Meant });
                    Add(e.Attempt, e.Transaction.Hash, e.Transaction.OutputIndex);
                    break;
                case MovementEvent.Prepared e:
                    Add(e.Attempt, e.Transaction.Hash, 0);
                    break;
                case MovementEvent.TokenPrepared e:
                    Add(e.Attempt, e.Transaction.Hash, 0);
                    break;
                case MovementEvent.FundingPrepared e:
                    Add(e.Attempt, e.Transaction.Hash, -1);
                    break;
                case MovementEvent.ReturnPrepared e:
                    Change(c => c.Attempt == e.Attempt, c => c with { Stage = ClaimStage.Meant });
                    Add(e.Attempt, e.Transaction.Hash, -1);
                    break;
                case MovementEvent.CloseSeen e:
                    Add(e.Attempt, e.Evidence, -1);
                    break;
                case WithdrawalEvent.Sent e:
                    Move(e.Attempt, ClaimStage.Sent);
                    break;
                case MovementEvent.Sent e:
                    Move(e.Attempt, ClaimStage.Sent);
                    break;
                case WithdrawalEvent.IncludedInBlock e:
                    Move(e.Attempt, ClaimStage.InBlock, e.BlockHash);
                    break;
                case MovementEvent.IncludedInBlock e:
                    Move(e.Attempt, ClaimStage.InBlock, e.BlockHash);
                    break;
                case WithdrawalEvent.TakenBack e:
                    Move(e.Attempt, ClaimStage.TakenBack);
                    break;
                case MovementEvent.TakenBack e:
                    Move(e.Attempt, ClaimStage.TakenBack);
                    break;
                case WithdrawalEvent.AttemptFailed e:
                    Move(e.Attempt, ClaimStage.Dead);
                    break;
                case MovementEvent.AttemptFailed e:
                    Change(c => c.Hash == e.Evidence, c => c with { Stage = ClaimStage.Dead, Since = @event.At });
                    break;

                // None of them can ever be in the chain again.
                case WithdrawalEvent.Lost:
                case MovementEvent.Lost:
                    Change(_ => true, c => c with { Stage = ClaimStage.Dead, Since = @event.At });
                    break;

                // It has arrived all the same, and the log knows.
                case WithdrawalEvent.PaidAfterFailure e:
                    Move(e.Attempt, ClaimStage.Meant);
                    break;
                case MovementEvent.ArrivedAfterLoss e:
                    Move(e.Attempt, ClaimStage.Meant);
                    break;
                case WithdrawalEvent.MadeFinal:
                case MovementEvent.MadeFinal:
                    Change(c => c.Stage is ClaimStage.InBlock, c => c with { IsFinal = true });
                    break;
                default:
                    break;
            }

            void Add(int attempt, string hash, int output) =>
                claims.Add(new(stream.Id, attempt, hash, ClaimStage.Meant, @event.At)
                {
                    OutputIndex = output,
                    Money = MoneyOf(stream.Events[0].Body),
                    Address = output < 0 ? null : AddressOf(stream.Events[0].Body),
                });

            // Of two transactions of one attempt only the last is meant to get there.
            void Move(int attempt, ClaimStage stage, string? block = null)
            {
                var last = claims.FindLastIndex(c => c.Attempt == attempt);
                Change(
                    c => last >= 0 && ReferenceEquals(c, claims[last]),
                    c => c with { Stage = stage, BlockHash = block, Since = @event.At });
            }
        }

        return claims;

        void Change(Predicate<ChainClaim> which, Func<ChainClaim, ChainClaim> how)
        {
            for (var i = 0; i < claims.Count; i++)
            {
                claims[i] = which(claims[i]) ? how(claims[i]) : claims[i];
            }
        }
    }

    private static Amount? MoneyOf(object first) =>
        first switch
        {
            WithdrawalEvent.Requested e => e.Pays,
            MovementEvent.SweepRequested e => e.Amount,
            MovementEvent.OpeningRequested e => e.Amount,
            _ => null,
        };

    private static string? AddressOf(object first) =>
        first switch
        {
            WithdrawalEvent.Requested e => e.Destination.Text,
            MovementEvent.SweepRequested e => e.To,
            _ => null,
        };
}
