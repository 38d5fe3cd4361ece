namespace FiberLink.Service.Startup;

/// <summary>
/// The host listens to no signal: the program around it does, and stops it. Two listeners would make it a matter of luck which of
/// them a Ctrl-C reaches first, and whether the service seems to have stopped by itself.
/// </summary>
internal sealed class CallersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
