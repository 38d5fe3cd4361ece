using System.Net.Sockets;
using Npgsql;

namespace FiberLink.EventStore.Tests;

/// <summary>Stands between a store and its server, and can lose the server's answers.</summary>
internal sealed class AnswerRelay : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _ends = [];
    private readonly List<Task> _work = [];
    private readonly string _server;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private volatile bool _isDeaf;
    private int _bytesLeft = int.MaxValue;
    private volatile bool _isClosed;

    public AnswerRelay(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        _server = Path.Combine(to.Host!, $".s.PGSQL.{to.Port}");
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Host = _folder }.ConnectionString;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, $".s.PGSQL.{to.Port}")));
        _listener.Listen();
        _work.Add(AcceptAsync());
    }

    /// <summary>The server's, through the relay.</summary>
    public string ConnectionString { get; }

    /// <summary>From here on what the server says is lost; what it is told arrives.</summary>
    public void LoseAnswers() => _isDeaf = true;

    /// <summary>Of what a store says next, only the beginning arrives, as when its process is stopped in the middle.</summary>
    /// <param name="bytes">How much of it.</param>
    public void StopInTheMiddle(int bytes) => _bytesLeft = bytes;

    /// <summary>Cuts the store's connections. The server does not notice before it has something to say.</summary>
    /// <param name="isClosed">Whether new ones are cut as well.</param>
    public void Cut(bool isClosed)
    {
        _isClosed = isClosed;
        lock (_ends)
        {
            _ends.ForEach(e => e.Dispose());
            _ends.Clear();
        }

        _isDeaf = false;
    }

    /// <summary>Lets new connections through again.</summary>
    public void Open() => _isClosed = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut(true);
        await Task.WhenAll(_work);
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                if (_isClosed)
                {
                    client.Dispose();
                    continue;
                }

                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await server.ConnectAsync(new UnixDomainSocketEndPoint(_server));
                lock (_ends)
                {
                    // The server's end stays open when the store's is cut: so the server goes on with what it was told.
                    _ends.Add(client);
                }

#pragma warning disable CA2025 // The pumps end when the sockets do.
                _work.Add(PumpAsync(client, server, TakeAsked, closes: false));
                _work.Add(PumpAsync(server, client, count => _isDeaf ? 0 : count, closes: true));
#pragma warning restore CA2025
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private int TakeAsked(int count)
    {
        if (_bytesLeft == int.MaxValue)
        {
            return count;
        }

        var taken = Math.Min(count, _bytesLeft);
        _bytesLeft = taken == count ? _bytesLeft - count : int.MaxValue;
        return taken;
    }

    private async Task PumpAsync(Socket from, Socket to, Func<int, int> take, bool closes)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
            {
                var taken = take(count);
                if (taken > 0)
                {
                    await to.SendAsync(buffer.AsMemory(0, taken), _stop.Token);
                }
            }
        }
        catch (Exception cut) when (cut is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Cut.
        }

        if (closes)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
