using FiberLink.Postgres;

namespace FiberLink.Messaging;

/// <summary>What messages need in the database, in the order it is made.</summary>
public static class MessagingSchema
{
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        Of("0001_messaging"), Of("0002_messaging_flat_and_fair"), Of("0003_messaging_schedules"),
        Of("0004_messaging_bounds"), Of("0005_messaging_turns"), Of("0006_messaging_measures"), Of("0007_messaging_expiry"),
    ];

    private static Migration Of(string id) => new(id, SqlScript.Read(typeof(MessagingSchema).Assembly, $"{id}.sql"));
}
