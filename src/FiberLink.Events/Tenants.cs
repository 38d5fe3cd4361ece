namespace FiberLink.Events;

/// <summary>Whose events they are, where they are no community's.</summary>
public static class Tenants
{
    /// <summary>The hub's own: what holds for all communities. No community can have this id.</summary>
    public const string Hub = "@hub";
}
