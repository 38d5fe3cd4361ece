using System.CommandLine;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Rebuilding;
using FiberLink.Projections;

namespace FiberLink.Cli.Commands;

/// <summary>Which read models a command is about, and into how many parts their streams are split.</summary>
internal sealed class ProjectionsChoice
{
    private readonly Argument<string?> _name = new("name")
    {
        Description = "A read model's name; 'projections list' has them.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _all = new("--all") { Description = "All read models, one after the other." };

    private readonly Option<int> _parallel = new("--parallel")
    {
        Description =
            $"Into how many parts the streams are split, 1 to {RebuildOptions.ParallelMax}; with --all where a read model can be.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _fullSpeed = new("--full-speed")
    {
        Description = "Take the whole machine, also while commands come; else they go first, and this takes a few times as long.",
    };

    private readonly Option<int?> _maxRate = new("--max-rate")
    {
        Description = $"The most events that are read in a second, 1 to {RebuildOptions.EventsPerSecondLimit}. [default: no bound]",
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_name);
        command.Options.Add(_all);
        command.Options.Add(_parallel);
        command.Options.Add(_fullSpeed);
        command.Options.Add(_maxRate);
    }

    /// <exception cref="CommandFailedException">None is named, or one that does not exist, or one that cannot be split.</exception>
    public IReadOnlyList<(ReadModel Model, RebuildOptions Options)> Read(ParseResult parsed)
    {
        var (name, all, parallel) = (parsed.GetValue(_name), parsed.GetValue(_all), parsed.GetValue(_parallel));
        var names = string.Join(", ", ReadModels.All.Select(m => m.Projection.Name));
        if (all == name is not null)
        {
            throw new CommandFailedException(ExitCode.Usage, $"Name one read model, or say --all. There are: {names}.");
        }

        if (parallel is < 1 or > RebuildOptions.ParallelMax)
        {
            throw new CommandFailedException(ExitCode.Usage, $"--parallel takes 1 to {RebuildOptions.ParallelMax}.");
        }

        if (parsed.GetValue(_maxRate) is < 1 or > RebuildOptions.EventsPerSecondLimit)
        {
            throw new CommandFailedException(ExitCode.Usage, $"--max-rate takes 1 to {RebuildOptions.EventsPerSecondLimit}.");
        }

        var options = new RebuildOptions
        {
            Parallel = parallel,
            GivesWay = !parsed.GetValue(_fullSpeed),
            EventsPerSecondMax = parsed.GetValue(_maxRate),
        };
        if (all)
        {
            return [.. ReadModels.All.Select(m => (m, m.Projection.IsByStream ? options : options with { Parallel = 1 }))];
        }

        var model = ReadModels.All.FirstOrDefault(m => string.Equals(m.Projection.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CommandFailedException(ExitCode.Usage, $"There is no read model '{name}'. There are: {names}.");
        return parallel == 1 || model.Projection.IsByStream
            ? [(model, options)]
            : throw new CommandFailedException(
                ExitCode.Usage,
                $"The rows of {model.Projection.Name} depend on several streams, so it cannot be split: leave --parallel out.");
    }
}
