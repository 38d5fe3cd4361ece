using System.CommandLine;

namespace FiberLink.Cli.Commands;

/// <summary><c>--limit</c>: how many lines a list has at most.</summary>
internal sealed class LimitOption
{
    private const int Max = 10_000;
    private const int Standard = 50;

    /// <summary>To be put among the command's options.</summary>
    public Option<int> Option { get; } = new("--limit") { Description = "How many at most.", DefaultValueFactory = _ => Standard };

    /// <exception cref="CommandFailedException">It is less than 1 or more than 10,000.</exception>
    public int Read(ParseResult parsed) =>
        parsed.GetValue(Option) is >= 1 and <= Max and var limit
            ? limit
            : throw new CommandFailedException(ExitCode.Usage, $"--limit takes 1 to {Max}.");
}
