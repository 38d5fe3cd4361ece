namespace FiberLink.Testing;

/// <summary>Whether this is <c>./test --long</c>: campaigns then go on for minutes or hours instead of moments.</summary>
public static class LongRun
{
    /// <summary>Set by the script.</summary>
    public static bool IsAskedFor { get; } = Environment.GetEnvironmentVariable("FIBERLINK_TEST_LONG") == "1";
}
