using System.Globalization;
using FiberLink.Postgres;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Wallet;

/// <summary>What the hub gives away for the room of tokens' cells, and may give away in a day.</summary>
internal sealed class TokenRooms(NpgsqlDataSource database, ServiceSettings settings)
{
    private const string Given = "select coalesce(sum(units), 0)::text from payouts.token_rooms where given_at > $1";

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>Shannon that may be given in 24 hours.</summary>
    public UInt128 DayMax => settings.Payouts.TokenCapacityDayMax;

    /// <summary>Shannon that were given in the 24 hours before a time. The commit that gives more makes sure of it.</summary>
    public async Task<UInt128> GivenAsync(DateTimeOffset now, CancellationToken ct)
    {
        await using var command = database.Command(Given, new NpgsqlParameter { Value = (now - Day).ToUniversalTime() });
        return UInt128.Parse((string)(await command.ExecuteScalarAsync(ct))!, CultureInfo.InvariantCulture);
    }
}
