using System.Text.Json.Serialization;

namespace FiberLink.Events.Money;

/// <summary>
/// The accounts of one community. Member accounts and fees are what the hub owes; the hub accounts are what it has.
/// </summary>
public enum Account
{
    /// <summary>What a member may withdraw. Never below zero.</summary>
    MemberAvailable = 1,

    /// <summary>What a member's open withdrawals hold. Never below zero.</summary>
    MemberHeld = 2,

    /// <summary>What the hub has in Fiber channels on the community's behalf; below zero while money is there.</summary>
    HubChannels = 3,

    /// <summary>What the hub has in cells on chain.</summary>
    HubOnChain = 4,

    /// <summary>What has left one place and not been seen in the other yet.</summary>
    InFlight = 5,

    PlatformFees = 6,

    NetworkFees = 7,

    /// <summary>Money that came in and that no rule can place. An operator decides.</summary>
    Suspense = 8,

    /// <summary>What the hub has at cold addresses, whose keys no process of ours has.</summary>
    HubCold = 9,

    /// <summary>What operators have put into the hub and not taken out again: theirs, and owed to no member.</summary>
    HubCapital = 10,

    /// <summary>
    /// What members have paid to members within the hub. Zero over all communities; in one it is what the others owe it (above zero), or
    /// what it owes them.
    /// </summary>
    WithinHub = 11,

    /// <summary>What the node keeps back of ours in each channel, so that it can be closed on the chain; it comes back then.</summary>
    HubKeptBack = 12,
}

/// <summary>One line of a journal entry: so many units of an asset onto an account.</summary>
/// <param name="Account">Which account of the community.</param>
/// <param name="Member">Whose, for the member accounts; null for the others.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Units">Smallest units, signed: a credit (the hub owes more, or has less) is positive.</param>
public sealed record Posting(
    Account Account,
    string? Member,
    Asset Asset,
    [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    Int128 Units)
{
    /// <summary>True for the accounts that belong to one member.</summary>
    public static bool BelongsToMember(Account account) => account is Account.MemberAvailable or Account.MemberHeld;
}
