using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using Npgsql;

namespace FiberLink.EventStore.Tests;

public sealed class Signing_checkpoints(LogOnPostgres log) : IClassFixture<LogOnPostgres>, IAsyncLifetime
{
    private const string Origin = "hub.example/log";

    private readonly NoteSigner _signer = NoteSigner.Generate(Origin);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-seal-");

    private IEventStore Store { get; } = log.Open(Sample.Catalogue);

    private NpgsqlDataSource Database => log.Database;

    private SignerMemory Memory => new(Path.Combine(_folder.FullName, "signed"));

    private CheckpointBook Book => new(Database, Origin, null, TimeProvider.System);

    private SealKeys Keys => new(Database, Origin, TimeProvider.System);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await log.ResetAsync();

    public ValueTask DisposeAsync()
    {
        _signer.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_checkpoint_says_what_is_sealed_and_is_signed_once()
    {
        Assert.Null(await Book.SignAsync(_signer, null, Ct));
        await AppendAsync(3);
        var head = await new LogSealer(Database).SealAsync(null, Ct);

        var signed = await Book.SignAsync(_signer, null, Ct);

        Assert.True(SignedNote.TryParse(signed!.Note, out var note) && note.IsSignedBy([_signer.Key]));
        Assert.Equal(new Checkpoint(Origin, 3, head.Root).ToText(), note.Text);
        Assert.Equal(signed.Note, (await Book.SignAsync(_signer, null, Ct))!.Note);
        Assert.Equal(signed.Note, (await Book.ReadCoveringAsync(2, Ct))!.Note);
        Assert.Null(await Book.ReadCoveringAsync(4, Ct));
    }

    [Fact]
    public async Task Signers_at_once_sign_one_history()
    {
        await AppendAsync(300);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await new LogSealer(Database).SealAsync(null, Ct);
            await Book.SignAsync(_signer, null, Ct);
        }));

        var all = await Book.ReadAfterAsync(0, 10, Ct);
        Assert.Equal([300], all.Select(c => c.Head.Size));
    }

    [Theory]
    [InlineData("update event_store.log_tiles set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)")]
    [InlineData("update event_store.log_tree set root = sha256('x')")]
    [InlineData("update event_store.log_checkpoints set root = sha256('x')")]
    [InlineData("update event_store.log_checkpoints set size = 1000")]
    public async Task A_tree_that_does_not_begin_with_what_was_signed_is_never_signed(string tampering)
    {
        await SealAndSignAsync(3);
        await AppendAsync(4);
        await new LogSealer(Database).SealAsync(null, Ct);
        await Database.ExecuteAsync(tampering);
        var before = await Database.TextsAsync("select note from event_store.log_checkpoints");

        await Assert.ThrowsAsync<LogNotWholeException>(() => Book.SignAsync(_signer, null, Ct));

        Assert.Equal(before, await Database.TextsAsync("select note from event_store.log_checkpoints"));
    }

    [Fact]
    public async Task A_log_that_was_cut_off_with_all_that_tells_of_it_is_not_signed_by_a_signer_who_remembers()
    {
        await SealAndSignAsync(3);
        var book = new CheckpointBook(Database, Origin, Memory, TimeProvider.System);
        await AppendAsync(4);
        await new LogSealer(Database).SealAsync(null, Ct);
        await book.SignAsync(_signer, null, Ct);
        await log.ResetAsync();
        await Assert.ThrowsAsync<LogNotWholeException>(() => book.SignAsync(_signer, null, Ct));
        await AppendAsync(9);
        await new LogSealer(Database).SealAsync(null, Ct);

        await Assert.ThrowsAsync<LogNotWholeException>(() => book.SignAsync(_signer, null, Ct));
        Assert.NotNull(await Book.SignAsync(_signer, null, Ct));
    }

    [Fact]
    public async Task A_signer_whose_memory_cannot_be_read_signs_nothing()
    {
        await AppendAsync(3);
        await new LogSealer(Database).SealAsync(null, Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "signed"), "{", Ct);

        await Assert.ThrowsAsync<LogNotWholeException>(
            () => new CheckpointBook(Database, Origin, Memory, TimeProvider.System).SignAsync(_signer, null, Ct));
    }

    [Fact]
    public async Task A_death_between_tree_and_checkpoint_loses_neither()
    {
        await SealAndSignAsync(3);
        await AppendAsync(4);
        var head = await new LogSealer(Database).SealAsync(null, Ct);
        await Database.ExecuteAsync("alter table event_store.log_checkpoints add constraint cut_off check (size < 5) not valid");
        var book = new CheckpointBook(Database, Origin, Memory, TimeProvider.System);
        try
        {
            await Assert.ThrowsAsync<PostgresException>(() => book.SignAsync(_signer, null, Ct));
            Assert.Equal(3, (await Book.ReadLastAsync(Ct))!.Head.Size);
        }
        finally
        {
            await Database.ExecuteAsync("alter table event_store.log_checkpoints drop constraint cut_off");
        }

        Assert.Equal(head, (await book.SignAsync(_signer, null, Ct))!.Head);
        Assert.Equal(head, Memory.ReadLast());
    }

    [Fact]
    public async Task A_new_key_is_vouched_for_by_the_old_one_and_each_signs_its_time()
    {
        using var next = NoteSigner.Generate(Origin);
        await SealAndSignAsync(3);
        await AppendAsync(2);
        await new LogSealer(Database).SealAsync(null, Ct);

        var listed = await Keys.RotateAsync(_signer, next, Book, Ct);

        Assert.Equal((2, 5), (listed!.Number, listed.SinceSize));
        Assert.False(await Keys.IsCurrentAsync(_signer.Key, Ct));
        Assert.True(await Keys.IsCurrentAsync(next.Key, Ct));
        await AppendAsync(1);
        await new LogSealer(Database).SealAsync(null, Ct);
        await Book.SignAsync(next, null, Ct);

        var chain = KeyChain.Follow(Origin, _signer.Key, await Keys.ReadAsync(Ct))!;
        Assert.Equal([_signer.Key], chain.For(3));
        Assert.Equal([_signer.Key, next.Key], chain.For(5));
        Assert.Equal([next.Key], chain.For(6));
        var verified = await new LogVerification(Database, Sample.Catalogue).RunAsync(new(Origin, _signer.Key, null, null), null, Ct);
        Assert.Empty(verified.Findings);
        Assert.Equal(3, verified.Checkpoints);
    }

    [Fact]
    public async Task A_checkpoint_that_the_old_key_signs_after_its_time_is_found()
    {
        using var next = NoteSigner.Generate(Origin);
        await SealAndSignAsync(3);
        await Keys.RotateAsync(_signer, next, Book, Ct);
        await AppendAsync(1);
        await new LogSealer(Database).SealAsync(null, Ct);
        await Book.SignAsync(_signer, null, Ct);

        var verified = await new LogVerification(Database, Sample.Catalogue).RunAsync(new(Origin, _signer.Key, null, null), null, Ct);

        Assert.Equal([SealFindingKind.CheckpointWrong], verified.Findings.Select(f => f.Kind));
    }

    [Fact]
    public async Task A_key_that_nobody_vouched_for_or_that_is_no_longer_the_one_is_not_followed()
    {
        using var next = NoteSigner.Generate(Origin);
        using var other = NoteSigner.Generate(Origin);
        await SealAndSignAsync(3);
        Assert.Null(await Keys.RotateAsync(other, next, Book, Ct));
        var rotated = await Keys.RotateAsync(_signer, next, Book, Ct);
        var listed = await Keys.ReadAsync(Ct);

        Assert.Null(KeyChain.Follow(Origin, other.Key, listed));
        Assert.Null(KeyChain.Follow(Origin, _signer.Key, [listed[0], rotated! with { Key = other.Key }]));
        Assert.Null(KeyChain.Follow(Origin, _signer.Key, [listed[0], rotated with { SinceSize = 4 }]));
        Assert.Null(KeyChain.Follow(Origin, _signer.Key, [listed[0], rotated with { Voucher = null }]));
        var text = KeyChain.VoucherText(Origin, 3, other.Key);
        var own = new SignedNote(text, [other.Sign(text), next.Sign(text)]).ToString();
        Assert.Null(KeyChain.Follow(Origin, _signer.Key, [listed[0], rotated with { Key = other.Key, Voucher = own }]));
        Assert.Null(KeyChain.Follow("another/log", _signer.Key, listed));
        Assert.NotNull(KeyChain.Follow(Origin, next.Key, listed));
    }

    private async Task SealAndSignAsync(int events)
    {
        await AppendAsync(events);
        await new LogSealer(Database).SealAsync(null, Ct);
        Assert.True(await Keys.IsCurrentAsync(_signer.Key, Ct));
        await Book.SignAsync(_signer, null, Ct);
    }

    private Task<AppendResult> AppendAsync(int count) =>
        Store.AppendAsync(Sample.Notes([.. Enumerable.Range(0, count).Select(n => $"text {n}")]), Ct);
}
