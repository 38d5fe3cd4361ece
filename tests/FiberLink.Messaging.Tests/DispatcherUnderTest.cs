using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FiberLink.Messaging.Tests;

/// <summary>Handles messages as a test says, and keeps the number of each attempt.</summary>
internal sealed class Handling(Func<WaitingMessage, HandledMarker, CancellationToken, Task> act) : IMessageHandling
{
    private readonly ConcurrentQueue<int> _attempts = new();

    public Func<WaitingMessage, HandledMarker, CancellationToken, Task> Act { get; set; } = act;

    public IReadOnlyCollection<int> Attempts => _attempts;

    public Task HandleAsync(WaitingMessage message, HandledMarker marker, CancellationToken ct)
    {
        _attempts.Enqueue(message.Attempt);
        return Act(message, marker, ct);
    }
}

/// <summary>Counts what is logged: a dispatcher logs nothing but failures.</summary>
internal sealed class FailureCount : ILogger<MessageDispatcher>
{
    private int _count;

    public int Count => _count;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Interlocked.Increment(ref _count);
}

/// <summary>A dispatcher that runs until it is disposed.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public Running(MessageDispatcher dispatcher) => _run = Task.Run(() => dispatcher.RunAsync(_stop.Token));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.False(_run.IsFaulted, $"The dispatcher fell: {_run.Exception}");
        _stop.Dispose();
    }
}
