using System.CommandLine;

namespace FiberLink.Cli.Commands;

/// <summary><c>members</c>: what is done for one member who asks for it.</summary>
internal static class MembersCommands
{
    public static Command Build(SharedOptions shared) =>
        new("members", "Give out what is on record about one member, or erase what the member has written.")
        {
            MembersExportCommand.Build(shared),
            MembersEraseCommand.Build(shared),
        };

    public static Argument<string> App() => new("app") { Description = "The community." };

    public static Argument<string> Member() => new("member") { Description = "The member's id, as the forum gives it." };
}
