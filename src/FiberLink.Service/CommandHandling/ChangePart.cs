using System.Diagnostics;
using FiberLink.EventStore;

namespace FiberLink.Service.CommandHandling;

/// <summary>What one stream has in a change that several streams make together.</summary>
/// <param name="Append">Its events.</param>
/// <param name="Attachments">What commits with them.</param>
internal sealed record ChangePart(StreamAppend Append, Attachments Attachments)
{
    /// <summary>The change of all parts: all of it is stored, or nothing.</summary>
    public static Change Together(IReadOnlyCollection<ChangePart> parts, CommandContext context, DateTimeOffset now) =>
        new(
            [.. parts.Select(p => p.Append)],
            new(context.CorrelationId, context.CausationId, context.Actor, Activity.Current?.Id),
            now)
        {
            Claims = [.. parts.SelectMany(p => p.Attachments.Claims)],
            Releases = [.. parts.SelectMany(p => p.Attachments.Releases)],
            Rows = [.. parts.SelectMany(p => p.Attachments.Rows)],
        };
}
