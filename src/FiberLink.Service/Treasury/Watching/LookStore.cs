using System.Globalization;
using FiberLink.Domain.Treasury;
using FiberLink.Events.Money;
using FiberLink.Events.Treasury;
using FiberLink.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace FiberLink.Service.Treasury.Watching;

/// <summary>Keeps what was seen last, and what is wrong since when, for every process that asks.</summary>
internal sealed class LookStore(NpgsqlDataSource database)
{
    private const string Keep =
        """
        insert into treasury.looks as l (place, asset, total, usable, pending, receivable, seen_at)
        select n.place, n.asset, n.total::numeric, n.usable::numeric, n.pending::numeric, n.receivable::numeric, n.seen_at
          from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
            as n (place, asset, total, usable, pending, receivable, seen_at)
         order by n.place, n.asset
        on conflict on constraint pk_looks do update
           set total = excluded.total, usable = excluded.usable, pending = excluded.pending, receivable = excluded.receivable,
               seen_at = excluded.seen_at
         where l.seen_at <= excluded.seen_at
        """;

    private const string Looks =
        "select place, asset, total::text, usable::text, pending::text, receivable::text, seen_at from treasury.looks order by 1, 2";

    private const string Note = "select what, kind, place, asset, units, since from treasury.note_alarms($1, $2, $3, $4, $5, $6, $7, $8)";

    private const string Standing =
        "select kind, place, asset, units::text, since, told_at is not null from treasury.alarms order by 1, 2, 3";

    public async Task KeepAsync(IReadOnlyList<PlaceLook> looks, CancellationToken ct)
    {
        await using var command = database.Command(
            Keep,
            Text(looks.Select(l => l.Place.ToString())),
            Text(looks.Select(l => l.Asset.Code)),
            Units(looks.Select(l => (Int128)l.Total)),
            Units(looks.Select(l => (Int128)l.Usable)),
            Units(looks.Select(l => (Int128)l.Pending)),
            Units(looks.Select(l => (Int128)l.Receivable)),
            new() { Value = looks.Select(l => l.SeenAt.ToUniversalTime()).ToArray() });
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task<IReadOnlyList<PlaceLook>> LastAsync(CancellationToken ct)
    {
        await using var command = database.Command(Looks);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var looks = new List<PlaceLook>();
        while (await reader.ReadAsync(ct))
        {
            UInt128 Units(int column) => UInt128.Parse(reader.GetString(column), CultureInfo.InvariantCulture);
            looks.Add(new(
                Enum.Parse<HubPlace>(reader.GetString(0)),
                new Asset(reader.GetString(1)),
                Units(2),
                Units(3),
                Units(4),
                Units(5),
                reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return looks;
    }

    /// <summary>Notes what is wrong at the places that were looked at; of others nothing is concluded.</summary>
    /// <param name="looks">Where was looked.</param>
    /// <param name="alarms">What is wrong there.</param>
    /// <param name="now">When.</param>
    /// <param name="grace">How long it has to last before it is told.</param>
    /// <param name="ct">Stops before the commit.</param>
    /// <returns>What is to be told now, each by one process, and what is over.</returns>
    public async Task<(IReadOnlyList<StandingAlarm> Raised, IReadOnlyList<StandingAlarm> Over)> NoteAsync(
        IReadOnlyList<PlaceLook> looks, IReadOnlyList<TreasuryAlarm> alarms, DateTimeOffset now, TimeSpan grace, CancellationToken ct)
    {
        await using var command = database.Command(
            Note,
            Text(looks.Select(l => l.Place.ToString())),
            Text(looks.Select(l => l.Asset.Code)),
            Text(alarms.Select(a => a.Kind.ToString())),
            Text(alarms.Select(a => a.Place.ToString())),
            Text(alarms.Select(a => a.Asset.Code)),
            Units(alarms.Select(a => a.Units)),
            new() { Value = now.ToUniversalTime() },
            new() { Value = grace, NpgsqlDbType = NpgsqlDbType.Interval });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (raised, over) = (new List<StandingAlarm>(), new List<StandingAlarm>());
        while (await reader.ReadAsync(ct))
        {
            var list = reader.GetString(0) == "over" ? over : raised;
            list.Add(AlarmOf(reader, 1, isTold: true));
        }

        return (raised, over);
    }

    public async Task<IReadOnlyList<StandingAlarm>> StandingAsync(CancellationToken ct)
    {
        await using var command = database.Command(Standing);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var alarms = new List<StandingAlarm>();
        while (await reader.ReadAsync(ct))
        {
            alarms.Add(AlarmOf(reader, 0, reader.GetBoolean(5)));
        }

        return alarms;
    }

    private static StandingAlarm AlarmOf(NpgsqlDataReader reader, int first, bool isTold) =>
        new(
            Enum.Parse<TreasuryAlarmKind>(reader.GetString(first)),
            Enum.Parse<HubPlace>(reader.GetString(first + 1)),
            new Asset(reader.GetString(first + 2)),
            Int128.Parse(reader.GetString(first + 3), CultureInfo.InvariantCulture),
            reader.GetFieldValue<DateTimeOffset>(first + 4),
            isTold);

    private static NpgsqlParameter Text(IEnumerable<string> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Units(IEnumerable<Int128> values) =>
        Text(values.Select(v => v.ToString(CultureInfo.InvariantCulture)));
}
