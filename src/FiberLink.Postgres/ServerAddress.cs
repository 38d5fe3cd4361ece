using Npgsql;

namespace FiberLink.Postgres;

/// <summary>How to reach a private server.</summary>
internal sealed record ServerAddress(ServerFolders Folders, int Port)
{
    public const string Role = "fiberlink";
    private const string MaintenanceDatabase = "postgres";

    public NpgsqlConnectionStringBuilder Of(string database) =>
        new() { Host = Folders.Sockets, Port = Port, Username = Role, Database = database };

    /// <summary>A connection outside every pool, so that none outlives the server.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var address = Of(MaintenanceDatabase);
        address.Pooling = false;
        var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
