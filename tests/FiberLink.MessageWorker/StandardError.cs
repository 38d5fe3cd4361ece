using FiberLink.Messaging;
using Microsoft.Extensions.Logging;

namespace FiberLink.MessageWorker;

/// <summary>What the dispatcher has to say about its failures.</summary>
internal sealed class StandardError : ILogger<MessageDispatcher>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.Error.WriteLine($"{formatter(state, exception)} {exception?.Message}");
}
