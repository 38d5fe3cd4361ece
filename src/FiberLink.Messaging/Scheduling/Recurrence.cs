using System.Globalization;

namespace FiberLink.Messaging;

/// <summary>When something is due again and again: at fixed moments in UTC, the same ones for whoever asks and whenever.</summary>
public sealed record Recurrence
{
    private const string DailyPrefix = "daily at ";
    private const string EveryPrefix = "every ";
    private const string TimeFormat = "HH:mm:ss";

    private readonly TimeSpan _period;
    private readonly TimeSpan _offset;
    private readonly string _text;

    private Recurrence(TimeSpan period, TimeSpan offset, string text) => (_period, _offset, _text) = (period, offset, text);

    /// <summary>The shortest and the longest interval; whole seconds.</summary>
    public static TimeSpan IntervalMin { get; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="IntervalMin"/>
    public static TimeSpan IntervalMax { get; } = TimeSpan.FromDays(366);

    /// <summary>
    /// Each full interval since 0001-01-01T00:00Z, a Monday: every hour is on the hour, every seven days is at the start of a Monday.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is too short or too long, or not of whole seconds.</exception>
    public static Recurrence Every(TimeSpan interval) =>
        interval >= IntervalMin && interval <= IntervalMax && IsWholeSeconds(interval)
            ? new(interval, TimeSpan.Zero, EveryPrefix + interval.ToString("c", CultureInfo.InvariantCulture))
            : throw new ArgumentOutOfRangeException(
                nameof(interval), interval, $"An interval is {IntervalMin} to {IntervalMax}, in whole seconds.");

    /// <summary>Once a day, at a time in UTC.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not of whole seconds.</exception>
    public static Recurrence DailyAt(TimeOnly time) =>
        IsWholeSeconds(time.ToTimeSpan())
            ? new(TimeSpan.FromDays(1), time.ToTimeSpan(), DailyPrefix + time.ToString(TimeFormat, CultureInfo.InvariantCulture))
            : throw new ArgumentOutOfRangeException(nameof(time), time, "A time of day has whole seconds.");

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static Recurrence Parse(string text)
    {
        Recurrence? read = null;
        if (text.StartsWith(EveryPrefix, StringComparison.Ordinal)
            && TimeSpan.TryParseExact(text[EveryPrefix.Length..], "c", CultureInfo.InvariantCulture, out var interval)
            && interval >= IntervalMin && interval <= IntervalMax && IsWholeSeconds(interval))
        {
            read = Every(interval);
        }
        else if (text.StartsWith(DailyPrefix, StringComparison.Ordinal)
            && TimeOnly.TryParseExact(
                text[DailyPrefix.Length..], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            read = DailyAt(time);
        }

        return read?._text == text ? read : throw new FormatException($"'{text}' does not say when.");
    }

    /// <returns>The first moment after that one.</returns>
    public DateTimeOffset Next(DateTimeOffset after) => Moment(Number(after) + 1);

    /// <summary>Such as <c>every 00:10:00</c> or <c>daily at 03:30:00</c>.</summary>
    public override string ToString() => _text;

    /// <returns>How many moments there are after one moment, up to another and with it.</returns>
    internal long Count(DateTimeOffset after, DateTimeOffset upTo) => Number(upTo) - Number(after);

    /// <returns>The moment that comes so many after; 0 is the last one that is not later.</returns>
    internal DateTimeOffset From(DateTimeOffset start, long count) => Moment(Number(start) + count);

    private static bool IsWholeSeconds(TimeSpan span) => span.Ticks % TimeSpan.TicksPerSecond == 0;

    private long Number(DateTimeOffset at) => (at.UtcTicks - _offset.Ticks) / _period.Ticks;

    private DateTimeOffset Moment(long number) => new((number * _period.Ticks) + _offset.Ticks, TimeSpan.Zero);
}
