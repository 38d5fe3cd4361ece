using FiberLink.Domain.Communities;
using FiberLink.Events.Communities;
using FsCheck.Fluent;

namespace FiberLink.Domain.Tests.Communities;

public sealed class Every_command_to_a_community
{
    private static readonly Guid First = Guid.Parse("01990000-0000-7000-8000-0000000000a1");
    private static readonly Guid Second = Guid.Parse("01990000-0000-7000-8000-0000000000a2");
    private static readonly Guid Third = Guid.Parse("01990000-0000-7000-8000-0000000000a3");
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private static readonly CommunityCommand.Register Register = new("forum", "The forum", First, Noon);
    private static readonly CommunityCommand.RotateSecret Rotate = new(Second, Week, Noon);
    private static readonly CommunityEvent Registered = new CommunityEvent.Registered("forum", "The forum", First, Noon);
    private static readonly CommunityEvent Rotated = new CommunityEvent.SecretRotated("forum", Second, First, Noon + Week, Noon);

    private static readonly Specification<CommunityCommand, CommunityState, CommunityEvent, CommunityRefusal> Community =
        new(CommunityState.Initial, CommunityState.Evolve, CommunityDecider.Decide);

    /// <summary>Registering, in each state.</summary>
    [Fact]
    public void A_community_that_nobody_knows_can_register() => Community.Given().When(Register).Then(Registered);

    [Fact]
    public void A_registration_sent_again_changes_nothing() => Community.Given(Registered).When(Register).ThenNothingNew();

    [Fact]
    public void A_registration_with_another_secret_is_refused() =>
        Community.Given(Registered).When(Register with { SecretId = Second }).ThenRefused(CommunityRefusal.CommunityExists);

    [Fact]
    public void A_registration_with_a_secret_that_is_no_longer_the_present_one_is_refused() =>
        Community.Given(Registered, Rotated).When(Register).ThenRefused(CommunityRefusal.CommunityExists);

    /// <summary>Rotating the secret, in each state.</summary>
    [Fact]
    public void A_community_that_nobody_knows_has_no_secret_to_rotate() =>
        Community.Given().When(Rotate).ThenRefused(CommunityRefusal.CommunityIsUnknown);

    [Fact]
    public void A_secret_is_rotated_and_the_previous_one_stays_valid_for_the_overlap() =>
        Community.Given(Registered).When(Rotate).Then(Rotated);

    [Fact]
    public void A_rotation_sent_again_changes_nothing() =>
        Community.Given(Registered, Rotated).When(Rotate with { Now = Noon.AddHours(1) }).ThenNothingNew();

    [Fact]
    public void A_rotation_to_the_present_secret_changes_nothing() =>
        Community.Given(Registered).When(Rotate with { SecretId = First }).ThenNothingNew();

    [Fact]
    public void A_third_secret_has_to_wait_until_the_first_has_ended()
    {
        var third = Rotate with { SecretId = Third };

        Community.Given(Registered, Rotated).When(third with { Now = Noon + Week - TimeSpan.FromTicks(1) })
            .ThenRefused(CommunityRefusal.PreviousSecretIsStillValid);
        Community.Given(Registered, Rotated).When(third with { Now = Noon + Week })
            .Then(new CommunityEvent.SecretRotated("forum", Third, Second, Noon + Week + Week, Noon + Week));
    }

    [Fact]
    public void An_overlap_of_nothing_ends_the_previous_secret_at_once() =>
        Community.Given(Registered).When(Rotate with { Overlap = TimeSpan.Zero })
            .Then(new CommunityEvent.SecretRotated("forum", Second, First, Noon, Noon));

    [Fact]
    public void After_an_overlap_of_nothing_the_next_rotation_need_not_wait() =>
        Community.Given(Registered, new CommunityEvent.SecretRotated("forum", Second, First, Noon, Noon))
            .When(Rotate with { SecretId = Third })
            .Then(new CommunityEvent.SecretRotated("forum", Third, Second, Noon + Week, Noon));

    [Fact]
    public void The_longest_overlap_is_accepted() =>
        Community.Given(Registered).When(Rotate with { Overlap = CommunityDecider.OverlapMax })
            .Then(new CommunityEvent.SecretRotated("forum", Second, First, Noon + CommunityDecider.OverlapMax, Noon));

    [Fact]
    public void An_overlap_that_is_longer_or_negative_is_refused()
    {
        var tick = TimeSpan.FromTicks(1);
        foreach (var overlap in (TimeSpan[])[CommunityDecider.OverlapMax + tick, TimeSpan.MaxValue, -tick, TimeSpan.MinValue])
        {
            Community.Given(Registered).When(Rotate with { Overlap = overlap }).ThenRefused(CommunityRefusal.OverlapIsOutOfRange);
        }
    }

    /// <summary>The cells above are all there are.</summary>
    [Fact]
    public void There_are_two_commands_two_states_and_two_events()
    {
        Assert.Equal(["Register", "RotateSecret"], ClosedSet.CasesOf<CommunityCommand>());
        Assert.Equal(["Registered", "Unknown"], ClosedSet.CasesOf<CommunityState>());
        Assert.Equal(["Registered", "SecretRotated"], ClosedSet.CasesOf<CommunityEvent>());
    }

    [Fact]
    public void At_most_two_secrets_are_valid_at_any_time()
    {
        var rotations = from secret in Gen.Choose(1, 6)
                        from overlap in Gen.Choose(-1, 31)
                        from wait in Gen.Choose(0, 40)
                        select (secret, overlap, wait);

        Property.Holds(Gen.ListOf(rotations), steps =>
        {
            var state = CommunityState.Evolve(CommunityState.Initial, Registered);
            var now = Noon;
            var validUntil = new Dictionary<Guid, DateTimeOffset> { [First] = DateTimeOffset.MaxValue };
            foreach (var (secret, overlap, wait) in steps)
            {
                now += TimeSpan.FromDays(wait);
                var command = new CommunityCommand.RotateSecret(new Guid(secret, 0, 0, new byte[8]), TimeSpan.FromDays(overlap), now);
                if (CommunityDecider.Decide(command, state) is Decision<CommunityEvent, CommunityRefusal>.Accepted { Events: [var next] })
                {
                    var rotated = Assert.IsType<CommunityEvent.SecretRotated>(next);
                    validUntil[rotated.PreviousSecretId] = rotated.PreviousValidUntil;
                    validUntil[rotated.SecretId] = DateTimeOffset.MaxValue;
                    state = CommunityState.Evolve(state, next);
                }

                Assert.InRange(validUntil.Values.Count(until => until > now), 1, 2);
            }
        });
    }
}
