using FiberLink.Messaging;
using FiberLink.Postgres;

namespace FiberLink.Service.CommandHandling;

/// <summary>Tells the loops of this process what a commit has in store for them, sooner than the database's notice would.</summary>
internal sealed class CommitSignals
{
    private Action _events = () => { };
    private Action _messages = () => { };

    /// <summary>Set once, when the loops start.</summary>
    public void Connect(Action events, Action messages) => (_events, _messages) = (events, messages);

    public void Committed(bool events, IReadOnlyList<CommitRow> rows)
    {
        if (events)
        {
            _events();
        }

        if (rows.Any(r => r is OutgoingMessage))
        {
            _messages();
        }
    }

    /// <summary>Messages came in from outside.</summary>
    public void Received() => _messages();
}
