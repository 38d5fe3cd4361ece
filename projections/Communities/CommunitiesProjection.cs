using FiberLink.Events.Communities;
using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.Postgres;
using Npgsql;

namespace FiberLink.Projections.Communities;

/// <summary>The communities and which secrets sign for them. Inline, because the next request is authenticated by it.</summary>
public sealed class CommunitiesProjection : IProjection
{
    private const string Insert =
        "insert into read_models.communities (app_id, name, registered_at, secret_id) values ($1, $2, $3, $4)";

    private const string Rotate =
        """
        update read_models.communities
           set secret_id = $2, previous_secret_id = $3, previous_valid_until = $4, rotated_at = $5
         where app_id = $1
        """;

    public string Name => "Communities";

    public void Project(IReadOnlyList<RecordedEvent> events, NpgsqlBatch batch)
    {
        foreach (var @event in events)
        {
            switch (@event.Body)
            {
                case CommunityEvent.Registered e:
                    batch.Add(
                        Insert,
                        new() { Value = e.AppId },
                        new() { Value = e.Name },
                        new() { Value = e.RegisteredAt.ToUniversalTime() },
                        new() { Value = e.SecretId });
                    break;
                case CommunityEvent.SecretRotated e:
                    batch.Add(
                        Rotate,
                        new() { Value = e.AppId },
                        new() { Value = e.SecretId },
                        new() { Value = e.PreviousSecretId },
                        new() { Value = e.PreviousValidUntil.ToUniversalTime() },
                        new() { Value = e.RotatedAt.ToUniversalTime() });
                    break;
                default:
                    break;
            }
        }
    }
}
