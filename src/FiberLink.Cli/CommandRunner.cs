using System.CommandLine;
using System.Text.Json;
using FiberLink.Chain.Signing.Remote;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;
using FiberLink.Sandbox.Control;
using FiberLink.Service.Audit;
using FiberLink.Service.Ledger;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>What was asked for was refused, or is not as it should be.</summary>
    public const int Refused = 1;

    /// <summary>The arguments or the settings are wrong.</summary>
    public const int Usage = 2;

    /// <summary>The database, the node or the service does not answer.</summary>
    public const int Unavailable = 3;
}

/// <summary>What every command takes.</summary>
internal sealed record SharedOptions(Option<string?> Home, Option<bool> Json)
{
    public DevHome HomeOf(ParseResult parsed) => DevHome.At(parsed.GetValue(Home));
}

/// <summary>A command cannot do what it was asked for; the message says why and what to do.</summary>
internal sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>Runs a command, and turns what goes wrong into a sentence and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>How long a stop may take after Ctrl-C before the process is ended.</summary>
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            var command = args is [var first, ..] && !first.StartsWith('-') ? $"{first} --help" : "--help";
            await Console.Error.WriteLineAsync($"Try '{command}'.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopTimeMax });
        }
        catch (CommandFailedException failed)
        {
            return await SayAsync(failed.Message, failed.ExitCode);
        }
        catch (Exception wrong)
            when (wrong is SettingsException or MasterKeyIsMissingException or SignerStartException or AuditKeyException)
        {
            return await SayAsync(wrong.Message, ExitCode.Usage);
        }
        catch (LedgerIsBehindException behind)
        {
            return await SayAsync(behind.Message, ExitCode.Refused);
        }
        catch (LogNotWholeException changed)
        {
            return await SayAsync($"THE LOG IS NOT WHOLE. {changed.Message}", ExitCode.Refused);
        }
        catch (SandboxRefusedException refused)
        {
            return await SayAsync(refused.Message, ExitCode.Refused);
        }
        catch (Exception missing) when (missing is PostgresIsMissingException or PrivatePostgresException)
        {
            return await SayAsync(missing.Message, ExitCode.Unavailable);
        }
        catch (PostgresException broken) when (broken.SqlState is SqlStates.UndefinedTable)
        {
            return await SayAsync("The database has no FiberLink schema yet: run 'fiberlink db apply'.", ExitCode.Refused);
        }
        catch (NpgsqlException away)
        {
            return await SayAsync($"The database does not answer: {away.Message}", ExitCode.Unavailable);
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            return await SayAsync($"No answer: {away.Message}", ExitCode.Unavailable);
        }
        catch (JsonException strange)
        {
            return await SayAsync($"Something answers there, but not what was asked for: {strange.Message}", ExitCode.Unavailable);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return await SayAsync(closed.Message, ExitCode.Unavailable);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
    }

    private static async Task<int> SayAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync(message);
        return exitCode;
    }
}
