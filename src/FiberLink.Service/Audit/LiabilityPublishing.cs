using System.Security.Cryptography;
using FiberLink.Crypto;
using FiberLink.Crypto.Liabilities;
using FiberLink.Domain.Liabilities;
using FiberLink.Events.Liabilities;
using FiberLink.Events.Money;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Ledger;
using FiberLink.Service.Startup;
using Npgsql;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Liabilities.LiabilitiesState, FiberLink.Domain.Liabilities.LiabilitiesRefusal>;

namespace FiberLink.Service.Audit;

/// <summary>Publishes what is owed to members, as of a position of the log, and shows each of them that he is in it.</summary>
public sealed class LiabilityPublishing
{
    private static readonly Folding<LiabilitiesState, LiabilitiesEvent> Folding = new(LiabilitiesState.Initial, LiabilitiesState.Evolve);

    private readonly CommandHandler _commands;
    private readonly LedgerBooks _books;
    private readonly AssetSettings _assets;
    private readonly NpgsqlDataSource _database;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal LiabilityPublishing(
        CommandHandler commands, LedgerBooks books, AssetSettings assets, NpgsqlDataSource database, Ids ids, TimeProvider time) =>
        (_commands, _books, _assets, _database, _ids, _time) = (commands, books, assets, database, ids, time);

    /// <summary>Publishes the balances as they were at a point of the log: at the last event up to there that moved the asset.</summary>
    /// <param name="tenant">The community.</param>
    /// <param name="asset">The asset.</param>
    /// <param name="upTo">The point.</param>
    /// <param name="by">Who publishes it.</param>
    /// <param name="ct">Stops before the commit.</param>
    /// <exception cref="LedgerIsBehindException">The books show too little of the log.</exception>
    public async Task<LiabilityAnswer> PublishAsync(string tenant, Asset asset, long upTo, string by, CancellationToken ct)
    {
        var position = await LastMovedAsync(tenant, asset, upTo, ct);
        if (position == 0)
        {
            return new LiabilityAnswer.Refused($"Nothing was moved in {asset} in the community '{tenant}' by then.");
        }

        var owed = await OwedAsync(tenant, asset, position, ct);
        if (owed.BelowZero is { } member)
        {
            return new LiabilityAnswer.Refused(FormattableString.Invariant(
                $"NOTHING WAS PUBLISHED: member {member} of '{tenant}' has less than nothing in {asset} at position {position}."));
        }

        var salt = Bytes32.From(RandomNumberGenerator.GetBytes(Bytes32.Length));
        var tree = LiabilityTree.Of(LiabilityHash.Scope(tenant, asset.Code, position), salt, owed.Positive);
        var wanted = new LiabilitiesEvent.Published(
            _ids.Next(),
            new(asset, tree.Root.Sum),
            _assets.Of(asset).Decimals,
            position,
            tree.Depth,
            tree.Root.Hash.ToHex(),
            LiabilityHash.OfSalt(salt).ToHex(),
            by,
            _time.GetUtcNow());
        var handled = await _commands.HandleAsync(
            LiabilityPublication.Stream(tenant, asset),
            Folding,
            state => LiabilitiesDecider.Decide(wanted, state),
            (_, events) => events.Count == 0
                ? Attachments.None
                : new Attachments { Rows = [new LogSaltRow(wanted.PublicationId, salt)] },
            new CommandContext(null, null, $"operator:{by}"),
            isNew: false,
            ct);
        return handled switch
        {
            Handled.Accepted { State.Last: { } last, Events: [var @event] } =>
                new LiabilityAnswer.Done(new(tenant, @event.Position, last), IsNew: true),
            Handled.Accepted { State.Last: { } last } =>
                new LiabilityAnswer.Done((await ListAsync(tenant, ct)).Last(p => p.Body == last), IsNew: false),
            Handled.Refused { Reason: LiabilitiesRefusal.LaterIsPublished, State.Last: { } last } =>
                new LiabilityAnswer.Refused(FormattableString.Invariant(
                    $"Position {last.Position} is published already, which is later than {position}.")),
            Handled.Refused => new LiabilityAnswer.Refused("Say in one line who publishes it."),
            _ => throw new InvalidOperationException($"A publication cannot end in {handled.GetType().Name}."),
        };
    }

    /// <summary>Everything that was published, in the log's order.</summary>
    /// <param name="tenant">Only this community's; null for all.</param>
    /// <param name="ct">Stops the read.</param>
    public async Task<IReadOnlyList<LiabilityPublication>> ListAsync(string? tenant, CancellationToken ct)
    {
        await using var work = await UnitOfWork.BeginAsync(_database, ct);
        return await LiabilityPublication.ReadAsync(work, tenant, ct);
    }

    /// <summary>The tree whose root was published, made again from the books and the salt.</summary>
    /// <exception cref="LogNotWholeException">It can't be made any more, or has another root: no member can be shown anything.</exception>
    /// <exception cref="LedgerIsBehindException">The books show too little of the log.</exception>
    public async Task<LiabilityTree> TreeAsync(LiabilityPublication publication, CancellationToken ct)
    {
        var salts = await LogSalts.ReadAsync(_database, [publication.Body.PublicationId], ct);
        var owed = await OwedAsync(publication.Tenant, publication.Body.Total.Asset, publication.Body.Position, ct);
        return publication.Fault(salts.Count == 0 ? null : salts.Values.Single(), owed) is { } fault
            ? throw new LogNotWholeException(publication.At, $"what it published of liabilities {fault}")
            : LiabilityTree.Of(publication.Scope, salts.Values.Single(), owed.Positive);
    }

    private async Task<long> LastMovedAsync(string tenant, Asset asset, long upTo, CancellationToken ct)
    {
        var last = 0L;
        await foreach (var entry in _books.EntriesAsync(new LedgerFilter(tenant, 0, upTo) { Asset = asset }, 1, ct))
        {
            last = entry.Position;
        }

        return last;
    }

    private async Task<MemberTotals> OwedAsync(string tenant, Asset asset, long position, CancellationToken ct)
    {
        IEnumerable<AccountBalance> balances = await _books.BalancesAsync(tenant, null, position, ct);
        return MemberTotals.Of(balances.Where(b => b.Asset == asset).Select(b => (b.Account.ToString(), b.Member ?? "", b.Units)));
    }
}

/// <summary>What came of wanting to publish.</summary>
public abstract record LiabilityAnswer
{
    private LiabilityAnswer()
    {
    }

    /// <param name="Publication">What is in the log.</param>
    /// <param name="IsNew">False when that position was published before.</param>
    public sealed record Done(LiabilityPublication Publication, bool IsNew) : LiabilityAnswer;

    /// <param name="Why">In words for the operator.</param>
    public sealed record Refused(string Why) : LiabilityAnswer;
}
