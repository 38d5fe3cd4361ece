using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FiberLink.Service.Tests.Scene;

/// <summary>Everything that is logged, down to the smallest detail.</summary>
public sealed class CapturedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = [];

    public string Text => string.Join('\n', _entries.Select(e => e.Text));

    public IReadOnlyList<string> AtLeast(LogLevel level) => [.. _entries.Where(e => e.Level >= level).Select(e => e.Text)];

    public ILogger CreateLogger(string categoryName) => new Writer(categoryName, _entries);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Writer(string category, ConcurrentQueue<(LogLevel, string)> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            entries.Enqueue((LogLevel.Trace, $"{category}: {state}"));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.Enqueue((logLevel, $"{category}[{eventId.Id}]: {formatter(state, exception)} {exception}"));
    }
}
