using System.Collections.Concurrent;
using FiberLink.LogWriter;

namespace FiberLink.EventStore.Tests.Campaigns;

/// <summary>What the callers of all writers were told about their changes.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);

    /// <summary>By token.</summary>
    public IReadOnlyDictionary<string, Entry> Entries => _entries;

    /// <summary>How often callers were told what.</summary>
    public string Answers => string.Join(", ", _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key} {a.Value}"));

    public void Take(Report report)
    {
        _entries.GetOrAdd(report.Token, _ => new()).Take(report);
        var what = report.Kind == ReportKind.Nothing ? report.Why.Split(':')[0].Split('\'')[0] : report.Kind.ToString();
        _answers.AddOrUpdate(what, 1, (_, count) => count + 1);
    }

    /// <summary>One change: appended, not appended, or nobody can say, because whoever was told has died.</summary>
    internal sealed class Entry
    {
        private readonly Lock _gate = new();
        private int _open;
        private int _unsettled;

        /// <summary>Whether an attempt was never answered, or with no more than that nobody can say.</summary>
        public bool IsOpen { get; private set; }

        /// <summary>Whether an attempt was never answered at all.</summary>
        public bool IsUnanswered { get; private set; }

        /// <summary>Where its events are, by what was told first; null when nobody was told that it is in the log.</summary>
        public IReadOnlyList<long>? Positions { get; private set; }

        /// <summary>What was told to somebody else; null when all were told the same.</summary>
        public IReadOnlyList<long>? OtherPositions { get; private set; }

        public void Take(Report report)
        {
            lock (_gate)
            {
                _open += report.Kind switch { ReportKind.Began => 1, ReportKind.Unsettled => 0, _ => -1 };
                _unsettled += report.Kind == ReportKind.Unsettled ? 1 : 0;
                IsOpen = _open > 0;
                IsUnanswered = _open > _unsettled;
                if (report.Kind == ReportKind.Appended)
                {
                    Positions ??= report.Positions;
                    OtherPositions ??= Positions.SequenceEqual(report.Positions) ? null : report.Positions;
                }
            }
        }
    }
}
