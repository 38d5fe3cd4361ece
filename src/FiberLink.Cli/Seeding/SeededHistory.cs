using FiberLink.Events.Communities;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;

namespace FiberLink.Cli.Seeding;

/// <summary>
/// A history as communities make it, drawn from a seed: members tip each other, most tips are paid, some expire, and members take out over
/// Fiber what they have got. Every tip and withdrawal comes to its end, and nobody ever has less than nothing.
/// </summary>
internal sealed class SeededHistory(ulong seed, int communities, int members)
{
    private const int WithdrawalsPerTips = 12;
    private const int ExpiredPerTips = 10;
    private const int OpenMax = 200;
    private const ulong Ckb = 100_000_000;

    private static readonly DateTimeOffset Begin = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly EventMetadata Metadata = EventMetadata.None with { Actor = "bench:seed" };

    private readonly SeededNumbers _numbers = new(seed);
    private readonly Dictionary<(string App, string Member), UInt128> _available = [];
    private readonly Queue<OpenTip> _open = [];
    private DateTimeOffset _now = Begin;
    private int _registered;
    private long _changes;

    /// <summary>The next change of the log, of 1 to some hundred events.</summary>
    /// <param name="eventsMax">About as many events are put together.</param>
    public Change Next(int eventsMax)
    {
        var appends = new List<StreamAppend>();
        _changes++;
        if (_registered < communities)
        {
            appends.Add(Register());
        }
        else
        {
            for (var events = 0; events < eventsMax; events += appends[^1].Events.Count)
            {
                _now = _now.AddSeconds(1 + _numbers.Below(20));

                // A stream comes once in a change, so what has begun in it ends in another.
                appends.Add(_open.Count > _numbers.Below(OpenMax) && _open.Peek().Change < _changes ? End(_open.Dequeue())
                    : _numbers.Below(WithdrawalsPerTips) == 0 && Withdraw() is { } withdrawal ? withdrawal
                    : Ask());
            }
        }

        return new(appends, Metadata, _now) { Id = _numbers.Id(_now) };
    }

    private StreamAppend Register()
    {
        var app = $"community-{++_registered}";
        return Append(app, $"community-{app}", 0, new CommunityEvent.Registered(app, $"Community {_registered}", _numbers.Id(_now), _now));
    }

    private StreamAppend Ask()
    {
        var amount = new Amount(Asset.Ckb, (ulong)(1 + _numbers.Below(5_000)) * (Ckb / 10));
        var tip = new OpenTip(_numbers.Id(_now), App(), Member(), amount, _now, _changes);
        _open.Enqueue(tip);
        var order = new InvoiceOrder(_numbers.Hash(), HashAlgorithm.CkbHash, "seed", "Fibt", 3_600);
        return Append(
            tip.App,
            $"tip-{tip.Id:N}",
            0,
            new TipEvent.Requested(tip.Id, $"post-{_numbers.Below(100_000)}", Member(), tip.To, tip.Amount, null, order, _now),
            new TipEvent.InvoiceIssued(tip.Id, $"fibt1{order.PaymentHash[2..]}", _now, _now.AddHours(1)));
    }

    private StreamAppend End(OpenTip tip)
    {
        if (_numbers.Below(ExpiredPerTips) == 0)
        {
            _now = _now < tip.At.AddHours(1) ? tip.At.AddHours(1) : _now;
            return Append(tip.App, $"tip-{tip.Id:N}", 2, new TipEvent.Expired(tip.Id, _now));
        }

        _available[(tip.App, tip.To)] = _available.GetValueOrDefault((tip.App, tip.To)) + tip.Amount.Units;
        var entry = JournalEntry.Move(tip.Amount, (Account.HubChannels, null), (Account.MemberAvailable, tip.To));
        return Append(
            tip.App,
            $"tip-{tip.Id:N}",
            2,
            new TipEvent.PaymentReceived(tip.Id, _now),
            new TipEvent.Settled(tip.Id, tip.To, tip.Amount, false, entry, _now));
    }

    private StreamAppend? Withdraw()
    {
        var (app, member) = (App(), Member());
        if (!_available.TryGetValue((app, member), out var has) || has < 2 * Ckb)
        {
            return null;
        }

        var (id, hash) = (_numbers.Id(_now), _numbers.Hash());
        var (hold, fee) = (new Amount(Asset.Ckb, has / 2), new Amount(Asset.Ckb, Ckb / 100));
        var pays = hold with { Units = hold.Units - fee.Units };
        _available[(app, member)] = has - hold.Units;
        return Append(
            app,
            $"withdrawal-{id:N}",
            0,
            new WithdrawalEvent.Requested(
                id, member, hold, pays, hold, new(DestinationKind.PaymentRequest, $"fibt1{hash[2..]}", hash, _now.AddHours(1)), false, null,
                false, JournalEntry.Move(hold, (Account.MemberAvailable, member), (Account.MemberHeld, member)), _now),
            new WithdrawalEvent.PaymentPrepared(id, 1, hash, fee, _now),
            new WithdrawalEvent.Sent(id, 1, _now),
            new WithdrawalEvent.Completed(
                id, 1, hash, fee, null, JournalEntry.Move(hold, (Account.MemberHeld, member), (Account.HubChannels, null)), _now));
    }

    private string App() => $"community-{1 + _numbers.Below(communities)}";

    private string Member() => $"{1 + _numbers.Below(members)}";

    private StreamAppend Append(string app, string stream, long version, params object[] events) =>
        new(new(app, stream), ExpectedVersion.Exactly(version), [.. events.Select(e => new NewEvent(_numbers.Id(_now), e))]);

    private sealed record OpenTip(Guid Id, string App, string To, Amount Amount, DateTimeOffset At, long Change);
}
