using System.CommandLine;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Cli.Commands;

/// <summary>An id in whatever form a command prints it: with hyphens or without, alone or as the name of its stream.</summary>
internal static class IdArgument
{
    /// <param name="kind">What a stream of it is named with: withdrawal, adjustment, movement, tip.</param>
    /// <param name="description">For the help.</param>
    public static Argument<Guid> Build(string kind, string description) => new("id")
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (Ids.Read(kind, text) is { } id)
            {
                return id;
            }

            result.AddError($"'{text}' is no id: write that of the {kind} as a list shows it, or {kind}-… as the log does.");
            return default;
        },
    };
}
