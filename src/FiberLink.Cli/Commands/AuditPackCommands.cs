using System.CommandLine;
using FiberLink.Cli.Output;
using FiberLink.Crypto.Sealing;
using FiberLink.EventStore;
using FiberLink.Projections;
using FiberLink.Service.Audit.Packs;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using FiberLink.Service.Members;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>audit pack</c> and <c>audit check-pack</c>: a community's books, to be checked on a machine without our database.</summary>
internal static class AuditPackCommands
{
    public static Command BuildPack(SharedOptions shared)
    {
        var app = new Option<string>("--app") { Description = "The community.", Required = true };
        var from = Points.Option("--from", "What comes after it: a position of the log, or a moment [default: the beginning]");
        var to = Points.Option("--to", "And up to it: a position of the log, or a moment [default: the log's end]");
        var member = new Option<string?>("--member")
        {
            Description = "Only what is about this member, from the beginning: tips given and received, withdrawals, corrections, "
                + "erasures.",
        };
        var output = new Option<string>("--out") { Description = "A folder, or a file ending in .zip.", Required = true };
        var command = new Command(
            "pack",
            """
            Write an evidence pack of a community: its events with what shows that they are in the signed log, the ledger, balances, and
            what was published of liabilities. It needs the key that signs checkpoints. It tells everything about the community's members
            but what they wrote.

            With --member the pack is small: that member's events alone, and the balance that they give. It tells whom he tipped and who
            tipped him, where he withdrew to, and what operators gave as reasons: it is for him, or for whom he wants to see it. It can't
            show that no event about him was left out.
            """) { app, member, from, to, output };
        command.SetAction((parsed, ct) => PackAsync(
            shared,
            parsed,
            (parsed.GetValue(app)!, parsed.GetValue(member)),
            parsed.GetValue(from),
            parsed.GetValue(to),
            parsed.GetValue(output)!,
            ct));
        return command;
    }

    public static Command BuildCheck(SharedOptions shared)
    {
        var pack = new Argument<string>("pack") { Description = "The folder or the zip file." };
        var key = new Option<string>("--key")
        {
            Description = "The log's first key, or a later one, as you got it by another way: a line, or a file.", Required = true,
        };
        var member = new Option<string?>("--member")
        {
            Description = "Print this member's statement as well: every posting and why it was made, and what he had. [default: the one "
                + "whom the pack is about, if it is about one]",
        };
        var command = new Command(
            "check-pack",
            """
            Check an evidence pack: every file, signature and event, that postings sum to zero, that ledger and balances are what the events
            give, and what was published of liabilities. Of a sound pack it prints the trial balance, which is added up from the events in
            it and from nothing else. It needs no database and no network.

            Signs are the books': what the hub owes is positive, what it has is negative. All accounts of an asset sum to zero.
            """) { pack, key, member };
        command.SetAction(async (parsed, ct) =>
        {
            var (path, whose) = (parsed.GetValue(pack)!, parsed.GetValue(member));
            var result = await CheckAsync(path, AuditTools.ReadKey(parsed.GetValue(key)!), whose, ct);
            return result.Manifest is { Member: { } only } && whose is not null && whose != only
                ? throw new CommandFailedException(ExitCode.Usage, $"'{path}' is a pack of {only} alone: it tells nothing of {whose}.")
                : await AuditPackPrinter.SayAsync(result, path, withBooks: true, parsed.GetValue(shared.Json));
        });
        return command;
    }

    private static async Task<int> PackAsync(
        SharedOptions shared,
        ParseResult parsed,
        (string App, string? Member) whose,
        LogPoint? from,
        LogPoint? to,
        string output,
        CancellationToken ct)
    {
        var path = Path.GetFullPath(output);
        if (Path.Exists(path) || Path.Exists($"{path}.part"))
        {
            throw new CommandFailedException(ExitCode.Refused, $"{path} is there already: name another, or remove it.");
        }

        if (whose.Member is not null && from is not null)
        {
            throw new CommandFailedException(
                ExitCode.Usage, "A pack of one member is from the beginning: --from does not go with --member.");
        }

        await using var tools = new AuditTools(shared.HomeOf(parsed).ToolSettings());
        await NodeTools.RequireAppAsync(tools.Services, whose.App, ct);
        var books = tools.Services.GetRequiredService<LedgerBooks>();
        var window = new ExportWindow(
            whose.App,
            from is null ? new LedgerPoint(0, null) : await Points.FindAsync(books, "--from", from, ct),
            await Points.FindAsync(books, "--to", to, ct));
        if (window.From.Position > window.To.Position)
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"--from is {Points.Text(window.From)}, which is after --to, {Points.Text(window.To)}.");
        }

        using var signer = tools.OpenKey();
        if (whose.Member is { } member)
        {
            await WriteMemberAsync(tools, (whose.App, member), window.To.Position, signer, path, ct);
        }
        else
        {
            var checkpoint = await tools.SignAsync(ct);
            await tools.Services.GetRequiredService<PackWriter>().WriteAsync(window, checkpoint, signer, path, ct);
        }

        return await AuditPackPrinter.SayAsync(
            await CheckAsync(path, signer.Key, null, ct), path, withBooks: false, parsed.GetValue(shared.Json));
    }

    private static async Task WriteMemberAsync(
        AuditTools tools, (string App, string Member) whose, long to, NoteSigner signer, string path, CancellationToken ct)
    {
        var positions = await tools.Services.GetRequiredService<MemberStreams>().PositionsAsync(whose.App, whose.Member, to, ct);
        if (positions.Count == 0)
        {
            throw new CommandFailedException(
                ExitCode.Refused, $"Nothing is on record about a member '{whose.Member}' of {whose.App}. Is the name right?");
        }

        var checkpoint = await tools.SignAsync(ct);
        await tools.Services.GetRequiredService<PackWriter>()
            .WriteMemberAsync(whose, positions, to, checkpoint, signer, path, ct);
    }

    private static async Task<CheckedPack> CheckAsync(string path, NoteKey trusted, string? member, CancellationToken ct)
    {
        if (!Path.Exists(path))
        {
            throw new CommandFailedException(ExitCode.Usage, $"There is no '{path}'.");
        }

        try
        {
            using var pack = PackSource.Open(path);
            return await new PackCheck(pack, trusted, StoredEvents.Catalogue) { Member = member }.RunAsync(ct);
        }
        catch (InvalidDataException broken)
        {
            throw new CommandFailedException(ExitCode.Refused, $"'{path}' is neither a folder nor a zip file: {broken.Message}");
        }
    }
}
