using System.Globalization;
using FiberLink.Events.Money;

namespace FiberLink.Service.Startup;

/// <summary>How withdrawals are paid.</summary>
public sealed record PayoutSettings
{
    /// <summary>Shannon in one CKB.</summary>
    private const ulong ShannonPerCkb = 100_000_000;

    /// <summary>The CKB node's JSON-RPC; null when nothing is paid on chain.</summary>
    public Uri? CkbUrl { get; init; }

    /// <summary>Where the signer listens; null when nothing is paid on chain.</summary>
    public string? SignerSocket { get; init; }

    /// <summary>The wallet's public key; null when nothing is paid on chain.</summary>
    public string? SignerPubkey { get; init; }

    /// <summary>Within this time the same wish of the same member is the same withdrawal.</summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Shannon for a thousand bytes, at least.</summary>
    public ulong FeeRate { get; init; } = 1_000;

    /// <summary>The most shannon that one transaction may cost.</summary>
    public ulong FeeMax { get; init; } = 100_000;

    /// <summary>How long a transaction may wait for a block before more is paid for it.</summary>
    public TimeSpan BumpAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most that paying an invoice may cost, in thousandths of its amount.</summary>
    public int RoutingFeePerMille { get; init; } = 5;

    /// <summary>Shannon that the wallet keeps.</summary>
    public ulong Reserve { get; init; }

    /// <summary>The most shannon that the hub gives to a recipient of a token, for the room that its cell takes up.</summary>
    public ulong TokenCapacityMax { get; init; } = 160 * ShannonPerCkb;

    /// <summary>The most shannon that one transaction gives to recipients of a token.</summary>
    public ulong TokenCapacityAtOnceMax { get; init; } = 1_600 * ShannonPerCkb;

    /// <summary>The most shannon that all recipients of tokens together are given in 24 hours.</summary>
    public ulong TokenCapacityDayMax { get; init; } = 16_000 * ShannonPerCkb;

    /// <summary>How deep a transaction lies before it counts, by what it pays.</summary>
    public ConfirmationRule Confirmations { get; init; } = ConfirmationRule.Parse(ConfirmationRule.Usual);

    /// <summary>How deep it lies before it is not watched any longer.</summary>
    public ulong FinalDepth { get; init; } = 100;

    /// <summary>
    /// The most shannon that so many withdrawals of tokens take beside the tokens. What each one's cell will take up shows in its address;
    /// what waits is reckoned with the most.
    /// </summary>
    public UInt128 CoinsForTokens(long withdrawals) => (UInt128)withdrawals * TokenCapacityMax;

    /// <summary>How deep what pays an amount must lie. What a token is worth in coins nobody knows: it lies as deep as any.</summary>
    public ulong ConfirmationsOf(Amount amount) => amount.Asset == Asset.Ckb ? Confirmations.Of(amount.Units) : Confirmations.Most;

    /// <summary>How deep a transaction lies before it counts, by its amount.</summary>
    /// <param name="Steps">Below so many shannon, so many blocks; ascending.</param>
    /// <param name="Otherwise">The blocks of what is more.</param>
    public sealed record ConfirmationRule(IReadOnlyList<(UInt128 Below, ulong Blocks)> Steps, ulong Otherwise)
    {
        private const ulong BlocksMax = 10_000;

        /// <summary>The blocks that an amount of shannon needs.</summary>
        public ulong Of(UInt128 shannon)
        {
            foreach (var (below, blocks) in Steps)
            {
                if (shannon < below)
                {
                    return blocks;
                }
            }

            return Otherwise;
        }

        /// <summary>The most blocks that any amount needs.</summary>
        public ulong Most => Steps.Select(s => s.Blocks).Append(Otherwise).Max();

        /// <summary>The rule of who sets none.</summary>
        public const string Usual = "100:4,10000:12,24";

        /// <summary>Reads <c>100:4,10000:12,24</c>: amounts in whole CKB, ascending.</summary>
        /// <exception cref="FormatException">The text is not that.</exception>
        public static ConfirmationRule Parse(string text)
        {
            var parts = text.Split(',', StringSplitOptions.TrimEntries);
            var steps = new List<(UInt128 Below, ulong Blocks)>();
            foreach (var part in parts[..^1])
            {
                var step = part.Split(':');
                if (step.Length != 2 || !ulong.TryParse(step[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ckb))
                {
                    throw new FormatException($"'{part}' is no amount and blocks");
                }

                steps.Add(((UInt128)ckb * ShannonPerCkb, Blocks(step[1])));
            }

            return steps.Zip(steps.Skip(1)).All(pair => pair.First.Below < pair.Second.Below)
                ? new(steps, Blocks(parts[^1]))
                : throw new FormatException("the amounts do not ascend");
        }

        private static ulong Blocks(string text) =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var blocks) && blocks is >= 1 and <= BlocksMax
                ? blocks
                : throw new FormatException($"'{text}' is not 1 to {BlocksMax} blocks");
    }
}
