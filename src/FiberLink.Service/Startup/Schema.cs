using FiberLink.EventStore;
using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections;

namespace FiberLink.Service.Startup;

/// <summary>Everything the database must have, in the order it is made.</summary>
public static class Schema
{
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        .. EventStoreSchema.Migrations,
        .. MessagingSchema.Migrations,
        .. ReadModels.Migrations,
        Of("0200_vault", typeof(Schema)),
        Of("0201_request_nonces", typeof(Schema)),
        Of("0202_payouts", typeof(Schema)),
        Of("0203_treasury", typeof(Schema)),
        Of("0204_treasury_channels", typeof(Schema)),
        Of("0205_vault_erasure", typeof(Schema)),
        Of("0206_token_rooms", typeof(Schema)),
    ];

    private static Migration Of(string id, Type neighbour) => new(id, SqlScript.Read(neighbour.Assembly, $"{id}.sql"));
}
