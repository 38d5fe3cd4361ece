using System.Collections.Concurrent;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Tests.Scene;

/// <summary>How often each step was reached, so that a test knows that all it asked for have come as far.</summary>
internal sealed class CountedSteps() : StopPoints(null)
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public int Of(string step) => _counts.GetValueOrDefault(step);

    public override void Reach(string step) => _counts.AddOrUpdate(step, 1, (_, count) => count + 1);
}
