using System.Globalization;

namespace FiberLink.Messaging;

/// <summary>What becomes of the times that a schedule was due at while nobody was there to fire it.</summary>
public sealed record CatchUp
{
    /// <summary>The most that are sent at once.</summary>
    public const int AllMax = 1_000;

    private readonly string _text;

    private CatchUp(int most, TimeSpan? lateness, string text) => (Most, Lateness, _text) = (most, lateness, text);

    /// <summary>However many were missed: one message, for the last of them.</summary>
    public static CatchUp Once { get; } = new(1, null, "once");

    /// <summary>None, but for one that is no later than a minute: a database that started anew is no downtime.</summary>
    public static CatchUp Skip { get; } = new(1, TimeSpan.FromMinutes(1), "skip");

    internal int Most { get; }

    /// <summary>How late one may be; null for any.</summary>
    internal TimeSpan? Lateness { get; }

    /// <summary>A message for each that was missed, in their order; of more than the bound, for the last ones.</summary>
    /// <param name="most">The bound, 1 to <see cref="AllMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is another number.</exception>
    public static CatchUp All(int most) =>
        most is >= 1 and <= AllMax
            ? new(most, null, string.Create(CultureInfo.InvariantCulture, $"all up to {most}"))
            : throw new ArgumentOutOfRangeException(nameof(most), most, $"1 to {AllMax} messages are sent at once.");

    /// <summary>Such as <c>once</c>, <c>skip</c> or <c>all up to 24</c>.</summary>
    public override string ToString() => _text;
}
