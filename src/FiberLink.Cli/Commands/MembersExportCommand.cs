using System.CommandLine;
using System.Text.Json.Nodes;
using FiberLink.Cli.Output;
using FiberLink.Service;
using FiberLink.Service.Members;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>members export</c>: everything that is on record about a member.</summary>
internal static class MembersExportCommand
{
    private const string StandardOutput = "-";
    private const int BufferBytes = 1 << 16;

    public static Command Build(SharedOptions shared)
    {
        var (app, member) = (MembersCommands.App(), MembersCommands.Member());
        var file = new Option<string>("--out")
        {
            Description = "The file, which is made for its owner's eyes only; - for the standard output.",
            DefaultValueFactory = _ => StandardOutput,
        };
        var export = new Command(
            "export",
            """
            Write everything that is on record about a member, as JSON Lines: balances, postings, tips given and received, withdrawals with
            their destinations, corrections by hand, stops and erasures, with every event of each. All of it is as of one position of the
            log. The last line is the manifest: that position, how many lines there are of each kind, and the SHA-256 of all bytes before
            it; a file without one was cut short.

            What the member wrote is opened, which needs the master key. What others wrote to the member is theirs, and stays sealed. What
            operators gave as reasons is in it: read it before you hand it on.

            Exit codes: 0 done; 1 no such member, or the read models are too far behind; 2 wrong usage or settings; 3 the database does
            not answer, or the file cannot be written.
            """) { app, member, file };
        export.SetAction(async (parsed, ct) =>
        {
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var (of, who, path) = (parsed.GetValue(app)!, parsed.GetValue(member)!, parsed.GetValue(file)!);
            if (await tools.GetRequiredService<MemberErasure>().LookAsync(of, who, ct) is ErasureAnswer.Refused refused)
            {
                throw new CommandFailedException(ExitCode.Refused, refused.Why);
            }

            var lines = tools.GetRequiredService<MemberExport>();
            if (path == StandardOutput)
            {
                await using var output = new BufferedStream(Console.OpenStandardOutput(), BufferBytes);
                await lines.WriteAsync(of, who, output, ct);
                return ExitCode.Done;
            }

            var manifest = await WriteAsync(lines, of, who, path, ct);
            await (parsed.GetValue(shared.Json)
                ? Printer.JsonAsync(manifest)
                : Console.Out.WriteLineAsync($"{path}: all there is up to position {manifest["position"]}, SHA-256 {manifest["sha256"]}"));
            return ExitCode.Done;
        });
        return export;
    }

    private static async Task<JsonObject> WriteAsync(MemberExport lines, string app, string member, string path, CancellationToken ct)
    {
        if (File.Exists(path))
        {
            throw new CommandFailedException(ExitCode.Refused, $"{path} is there already: name another file, or remove it.");
        }

        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = BufferBytes };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var partial = path + ".part";
        File.Delete(partial);
        try
        {
            JsonObject manifest;
            await using (var output = new FileStream(partial, options))
            {
                manifest = await lines.WriteAsync(app, member, output, ct);
            }

            File.Move(partial, path);
            return manifest;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
