using System.Security.Cryptography;
using FiberLink.Crypto.Sealing;
using FiberLink.Events;
using FiberLink.Events.Money;
using FiberLink.Events.Tips;
using FiberLink.EventStore;
using FiberLink.EventStore.Sealing;
using FiberLink.Projections;
using FiberLink.Service.Audit;
using FiberLink.Service.Startup;
using FiberLink.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Audit;

/// <summary>A log with money in it, a key that signs it, and nobody else at work.</summary>
internal sealed class AuditScene : IAsyncDisposable
{
    public const string App = "demo";
    public const string Origin = "hub.example/log";
    public const int Ckb = 100_000_000;

    private readonly ServiceProvider _tools;

    private AuditScene(TestDatabase database)
    {
        Database = database;
        _tools = ServiceHost.BuildTools(new ServiceSettings
        {
            Database = database.ConnectionString,
            NodeUrl = new("http://127.0.0.1:9"),
            MasterKeys = [RandomNumberGenerator.GetBytes(32)],
            Audit = new AuditSettings { Origin = Origin },
        });
        Publishing = _tools.GetRequiredService<LiabilityPublishing>();
        Store = _tools.GetRequiredService<IEventStore>();

        // Without projections, and so without the constraints of balances.
        Lenient = new PostgresEventStore(database.DataSource, StoredEvents.Catalogue, [], [new LogSaltWriter()]);
        Book = new(database.DataSource, Origin, null, TimeProvider.System);
    }

    public TestDatabase Database { get; }

    public NoteSigner Signer { get; } = NoteSigner.Generate(Origin);

    public LiabilityPublishing Publishing { get; }

    public IServiceProvider Tools => _tools;

    public IEventStore Store { get; }

    public IEventStore Lenient { get; }

    public CheckpointBook Book { get; }

    public static async Task<AuditScene> CreateAsync() => new(await TestDatabase.CreateAsync(Schema.Migrations));

    /// <summary>Credits a member as a settled tip does.</summary>
    /// <returns>Where the event is.</returns>
    public Task<long> GiveAsync(string member, Int128 units, string app = App, string asset = "CKB", IEventStore? through = null)
    {
        var tip = Guid.CreateVersion7();
        var of = new Asset(asset);
        var entry = new JournalEntry([new(Account.MemberAvailable, member, of, units), new(Account.HubChannels, null, of, -units)]);
        return AppendAsync(
            new(app, $"tip-{tip:N}"),
            new TipEvent.Settled(tip, member, new(of, (UInt128)Int128.Abs(units)), false, entry, DateTimeOffset.UnixEpoch),
            through);
    }

    /// <summary>A tip from the wish to the money, with a sealed text.</summary>
    /// <returns>Where its events are: the wish, and the payment.</returns>
    public async Task<(StreamId Stream, long Requested, long Settled)> TipAsync(
        string from, string to, Int128 units, string app = App, bool isPaid = true)
    {
        var id = Guid.CreateVersion7();
        var stream = new StreamId(app, $"tip-{id:N}");
        var amount = new Amount(Asset.Ckb, (UInt128)units);
        var text = new SealedText(Guid.CreateVersion7(), "bm9uY2U=", "c2VhbGVk");
        var order = new InvoiceOrder($"0x{id:N}{id:N}", Events.Tips.HashAlgorithm.CkbHash, "key-1", "Fibd", 3600);
        var requested = await AppendAsync(
            stream, new TipEvent.Requested(id, "p1", from, to, amount, text, order, DateTimeOffset.UnixEpoch));
        var entry = JournalEntry.Move(amount, (Account.HubChannels, null), (Account.MemberAvailable, to));
        return (stream, requested, !isPaid ? 0 : await AppendAsync(
            stream, new TipEvent.Settled(id, to, amount, false, entry, DateTimeOffset.UnixEpoch)));
    }

    /// <returns>Where the event is.</returns>
    public async Task<long> AppendAsync(StreamId stream, object body, IEventStore? through = null, params Postgres.CommitRow[] rows)
    {
        var change = new Change(
            [new(stream, ExpectedVersion.Any, [new(Guid.CreateVersion7(), body)])], EventMetadata.None, TimeProvider.System.GetUtcNow())
        {
            Rows = rows,
        };
        return Assert.IsType<AppendResult.Appended>(await (through ?? Store).AppendAsync(change, Ct)).Events[0].Position;
    }

    public Task<long> HeadAsync() => Store.ReadHeadAsync(Ct);

    public async Task<LiabilityPublication> PublishAsync(string asset = "CKB") =>
        Assert.IsType<LiabilityAnswer.Done>(await Publishing.PublishAsync(App, new(asset), await HeadAsync(), "olga", Ct)).Publication;

    /// <summary>Seals and signs what there is.</summary>
    public async Task<SignedCheckpoint> SignAsync()
    {
        await new LogSealer(Database.DataSource).SealAsync(null, Ct);
        Assert.True(await new SealKeys(Database.DataSource, Origin, TimeProvider.System).IsCurrentAsync(Signer.Key, Ct));
        return (await Book.SignAsync(Signer, null, Ct))!;
    }

    /// <summary>Shows that an event is in the log, as the command line does.</summary>
    public async Task<LogProof> ProveAsync(long position)
    {
        var checkpoint = await SignAsync();
        var form = (await new SealedEvents(Database.DataSource).ReadAsync(position, Ct))!.Form;
        var path = await new SealedTree(Database.DataSource).InclusionAsync(position, checkpoint.Head.Size, Ct);
        return new(form, position - 1, path, SignedNote.TryParse(checkpoint.Note, out var note) ? note : throw new FormatException());
    }

    /// <summary>What an auditor finds.</summary>
    public async Task<IReadOnlyList<SealFinding>> FindingsAsync() =>
        (await new LogVerification(Database.DataSource, Tools.GetRequiredService<EventCatalogue>())
            .RunAsync(new(Origin, null, null, new BookInspection()), null, Ct)).Findings;

    public async Task ChangeAsync(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        Signer.Dispose();
        await _tools.DisposeAsync();
        await Database.DisposeAsync();
    }
}
