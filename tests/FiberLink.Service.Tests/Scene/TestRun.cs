namespace FiberLink.Service.Tests.Scene;

/// <summary>The run that a test is part of.</summary>
internal static class TestRun
{
    /// <summary>Cancelled when the test is.</summary>
    public static CancellationToken Ct => TestContext.Current.CancellationToken;
}
