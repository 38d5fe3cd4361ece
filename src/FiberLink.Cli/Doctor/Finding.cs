namespace FiberLink.Cli.Doctor;

/// <summary>How a thing is.</summary>
internal enum Condition
{
    /// <summary>As it should be.</summary>
    Good = 1,

    /// <summary>It works, and somebody should look at it.</summary>
    Attention = 2,

    /// <summary>Something does not work, or money is not safe.</summary>
    Bad = 3,
}

/// <summary>What was found of one thing.</summary>
/// <param name="What">The thing.</param>
/// <param name="Condition">How it is.</param>
/// <param name="Says">What was seen.</param>
/// <param name="Do">What to do; null when nothing is.</param>
internal sealed record Finding(string What, Condition Condition, string Says, string? Do = null);
