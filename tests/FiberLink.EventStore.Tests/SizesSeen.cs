using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FiberLink.EventStore.Tests;

/// <summary>How many streams were read in each statement that was run on behalf of whoever made this.</summary>
internal sealed class SizesSeen : IDisposable
{
    private readonly AsyncLocal<SizesSeen?> _mine = new();
    private readonly ConcurrentQueue<int> _sizes = [];
    private readonly MeterListener _listener = new();

    public SizesSeen()
    {
        _mine.Value = this;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EventStoreTelemetry.Name && instrument.Name == "fiberlink.log.load.streams")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, size, _, _) =>
        {
            if (_mine.Value == this)
            {
                _sizes.Enqueue(size);
            }
        });
        _listener.Start();
    }

    public IReadOnlyCollection<int> Sizes => _sizes;

    public void Dispose() => _listener.Dispose();
}
