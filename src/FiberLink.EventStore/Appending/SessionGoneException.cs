using System.Data;
using Npgsql;

namespace FiberLink.EventStore;

/// <summary>
/// The session was not there any more when it was asked something: a restarted server, an administrator or a firewall has ended it while it
/// lay in the pool. Nothing was written.
/// </summary>
internal sealed class SessionGoneException(Exception cause) : NpgsqlException(cause.Message, cause)
{
    /// <summary>Waits for a question's answer.</summary>
    /// <exception cref="SessionGoneException">The session has ended. Whatever else goes wrong is thrown as it is.</exception>
    public static async Task<T> NameAsync<T>(NpgsqlConnection connection, Task<T> question)
    {
        try
        {
            return await question;
        }
        catch (NpgsqlException gone) when ((connection.FullState & ConnectionState.Open) == 0)
        {
            throw new SessionGoneException(gone);
        }
    }
}
