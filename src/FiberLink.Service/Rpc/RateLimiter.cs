using System.Collections.Concurrent;
using System.Globalization;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Rpc;

/// <summary>
/// Fixed windows for each community and method. A method that pages poll is counted for each subject (the invoice, the member),
/// so that however many people wait for a payment at once, none uses up another's; the community as a whole has a ceiling.
/// </summary>
/// <remarks>Kept in this process: with several service nodes each grants the limit.</remarks>
internal sealed class RateLimiter(ServiceSettings settings, TimeProvider time)
{
    /// <summary>How many subjects' worth of requests a whole community may make of one method.</summary>
    public const int SubjectsMax = 100;

    private const int BucketsMax = 100_000;
    private const string UnknownMethod = "?";

    private readonly ConcurrentDictionary<(string App, string Method, string? Subject), Bucket> _buckets = [];

    /// <summary>Takes one request out of its bucket.</summary>
    public Allowance Take(string app, string? method, string? subject)
    {
        if (!settings.RateLimitEnabled)
        {
            return new(settings.RateLimitRequests, settings.RateLimitRequests, ResetOf(WindowOf(time.GetUtcNow())), true);
        }

        if (_buckets.Count > BucketsMax)
        {
            Prune();
        }

        var name = method ?? UnknownMethod;
        var mine = TakeFrom((app, name, subject), settings.RateLimitRequests);
        if (subject is null)
        {
            return mine;
        }

        var all = TakeFrom((app, name, null), settings.RateLimitRequests * SubjectsMax);
        return mine.IsGranted && !all.IsGranted ? all : mine;
    }

    private Allowance TakeFrom((string, string, string?) key, int limit)
    {
        var window = WindowOf(time.GetUtcNow());
        var bucket = _buckets.GetOrAdd(key, _ => new Bucket());
        var taken = bucket.Take(window);
        return new(limit, Math.Max(0, limit - taken), ResetOf(window), taken <= limit);
    }

    // A bucket of an earlier window holds nothing. When all are of this one, callers make up subjects: forget them all, for the
    // community's ceiling is what holds such a caller.
    private void Prune()
    {
        var window = WindowOf(time.GetUtcNow());
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.Window < window || (key.Subject is not null && _buckets.Count > BucketsMax))
            {
                _buckets.TryRemove(key, out _);
            }
        }
    }

    private long WindowOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)settings.RateLimitWindow.TotalSeconds;

    private long ResetOf(long window) => (window + 1) * (long)settings.RateLimitWindow.TotalSeconds;

    private sealed class Bucket
    {
        private readonly Lock _lock = new();
        private int _taken;

        public long Window { get; private set; }

        public int Take(long window)
        {
            lock (_lock)
            {
                if (Window != window)
                {
                    (Window, _taken) = (window, 0);
                }

                return _taken == int.MaxValue ? _taken : ++_taken;
            }
        }
    }
}

/// <summary>What is left in a bucket.</summary>
/// <param name="Limit">Requests in a window.</param>
/// <param name="Remaining">How many are left.</param>
/// <param name="Reset">When the window ends, in seconds since 1970.</param>
/// <param name="IsGranted">False when this request was one too many.</param>
internal sealed record Allowance(int Limit, int Remaining, long Reset, bool IsGranted)
{
    public void WriteTo(IHeaderDictionary headers)
    {
        headers["x-ratelimit-limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-remaining"] = Remaining.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-reset"] = Reset.ToString(CultureInfo.InvariantCulture);
    }
}
