using System.CommandLine;
using FiberLink.Domain.Withdrawals;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Withdrawals.Administration;

namespace FiberLink.Cli.Commands;

/// <summary>Who decides, and why: what every decision about withdrawals takes.</summary>
internal sealed class OperatorOptions
{
    /// <summary>What these commands end with.</summary>
    public const string ExitCodes =
        """


        Exit codes: 0 done, also when it was so before; 1 refused, and why; 2 wrong usage; 3 the database does not answer.
        """;

    private readonly Option<string> _by = new("--by") { Description = "Who decides it; it is kept.", Required = true };

    private readonly Option<string> _reason;

    public OperatorOptions(string? toldTo = null) => _reason = new("--reason")
    {
        Description = toldTo is null ? "Why; it is kept." : $"Why; it is kept, and {toldTo}.",
        Required = true,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_by);
        command.Options.Add(_reason);
    }

    /// <exception cref="CommandFailedException">One of them is no line of text.</exception>
    public (string By, string Reason) Read(ParseResult parsed)
    {
        var (by, reason) = (parsed.GetValue(_by)!.Trim(), parsed.GetValue(_reason)!.Trim());
        return OperatorWords.Objection(by, reason) is { } objection
            ? throw new CommandFailedException(ExitCode.Usage, UnsaidTexts.Of(objection))
            : (by, reason);
    }

    /// <summary>Who, where no reason is asked for.</summary>
    /// <exception cref="CommandFailedException">It is no line of text.</exception>
    public static string ReadBy(ParseResult parsed, Option<string> option)
    {
        var by = parsed.GetValue(option)!.Trim();
        return OperatorWords.Objection(by, "said") is { } objection
            ? throw new CommandFailedException(ExitCode.Usage, UnsaidTexts.Of(objection))
            : by;
    }

    /// <returns>Whether something is new.</returns>
    /// <exception cref="CommandFailedException">It was refused.</exception>
    public static bool IsNew(OperatorAnswer answer) =>
        answer switch
        {
            OperatorAnswer.Done done => done.IsNew,
            OperatorAnswer.Refused refused => throw new CommandFailedException(ExitCode.Refused, refused.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
