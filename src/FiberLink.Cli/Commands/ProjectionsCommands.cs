using System.CommandLine;

namespace FiberLink.Cli.Commands;

/// <summary><c>projections</c>: the read models, how far they are, building them anew, and what operators decide about them.</summary>
internal static class ProjectionsCommands
{
    public static Command Build(SharedOptions shared) => new("projections", "The read models.")
    {
        ProjectionsListCommand.Build(shared),
        ProjectionsRebuildCommand.Build(shared),
        ProjectionsVerifyCommand.Build(shared),
        ProjectionsDecisions.BuildPause(shared),
        ProjectionsDecisions.BuildResume(shared),
        ProjectionsDecisions.BuildSkip(shared),
        ProjectionsDecisions.BuildResetShard(shared),
    };
}
