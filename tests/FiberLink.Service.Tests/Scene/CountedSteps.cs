using System.Collections.Concurrent;
using FiberLink.Service.CommandHandling;

namespace FiberLink.Service.Tests.Scene;

/// <summary>
/// How often each step was reached, so that a test knows that all it asked for have come as far; and a way to let what is being done end
/// there, as it does when its process dies.
/// </summary>
internal sealed class CountedSteps() : StopPoints(null)
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _deaths = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ManualResetEventSlim> _held = new(StringComparer.Ordinal);

    public int Of(string step) => _counts.GetValueOrDefault(step);

    /// <summary>So many times nothing that comes after the step is done.</summary>
    public void DieAt(string step, int times) => _deaths[step] = times;

    /// <summary>Whoever reaches the step waits there until it is let go.</summary>
    public IDisposable Hold(string step) => new Held(_held[step] = new(initialState: false));

    public override void Reach(string step)
    {
        _counts.AddOrUpdate(step, 1, (_, count) => count + 1);
        if (_held.TryGetValue(step, out var held))
        {
            held.Wait(Ct);
        }

        if (_deaths.TryGetValue(step, out var left) && left > 0 && _deaths.TryUpdate(step, left - 1, left))
        {
            throw new InvalidOperationException($"It died at {step}.");
        }
    }

    private sealed class Held(ManualResetEventSlim gate) : IDisposable
    {
        public void Dispose() => gate.Set();
    }
}
