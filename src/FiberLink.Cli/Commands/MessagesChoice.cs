using System.CommandLine;
using FiberLink.Cli.Output;
using FiberLink.Messaging;

namespace FiberLink.Cli.Commands;

/// <summary>Which messages a command is about.</summary>
internal sealed class MessagesChoice
{
    private static readonly string[] States = ["scheduled", "ready", "behind", "taken", "dead", "discarded", "expired"];

    private readonly Option<string?> _state = new("--state")
    {
        Description = $"Those in a state: {string.Join(", ", States)}. [default: all but discarded and expired]",
    };

    private readonly Option<string?> _name = new("--name") { Description = "Those of a name, such as issue-invoice.v1." };

    private readonly Option<string?> _tenant = new("--tenant") { Description = "Those of a community." };

    private readonly Option<string?> _key = new("--key") { Description = "Those of an ordering key." };

    private readonly Option<TimeSpan?> _olderThan = Durations.Option("--older-than", "Those sent at least so long ago");

    private readonly LimitOption _limit = new();

    public void AddTo(Command command, bool withState)
    {
        if (withState)
        {
            command.Options.Add(_state);
        }

        foreach (var option in (Option[])[_name, _tenant, _key, _olderThan, _limit.Option])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="CommandFailedException">A value is none that there is.</exception>
    public MessageFilter Read(ParseResult parsed, string? state = null)
    {
        state ??= parsed.GetValue(_state);
        if (state is not null && !States.Contains(state, StringComparer.Ordinal))
        {
            throw new CommandFailedException(ExitCode.Usage, $"--state takes one of {string.Join(", ", States)}.");
        }

        return new()
        {
            State = state,
            Name = parsed.GetValue(_name),
            Tenant = parsed.GetValue(_tenant),
            Key = parsed.GetValue(_key),
            OlderThan = parsed.GetValue(_olderThan),
            Limit = _limit.Read(parsed),
        };
    }
}
