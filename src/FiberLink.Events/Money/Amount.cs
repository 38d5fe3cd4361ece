using System.Text.Json.Serialization;

namespace FiberLink.Events.Money;

/// <summary>Money in the smallest unit of its asset: CKB counts shannons, a token counts its own base unit.</summary>
/// <remarks>
/// A token amount is an unsigned 128-bit number on chain, so neither decimal nor long can hold every value.
/// In JSON the units are a string, because most readers turn a JSON number into a floating-point one.
/// </remarks>
/// <param name="Asset">What is counted.</param>
/// <param name="Units">How many smallest units.</param>
// Said outright: a struct is otherwise read member by member, and one that is missing is taken for zero.
[method: JsonConstructor]
public readonly record struct Amount(
    Asset Asset,
    [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    UInt128 Units)
{
    /// <summary>The most units a journal can post: postings are signed, so the top bit is the sign's.</summary>
    public static UInt128 UnitsMax { get; } = (UInt128)Int128.MaxValue;
}
