using System.ComponentModel.DataAnnotations;

namespace FiberLink.HubNode;

/// <summary>Where the hub node is and how patient we are with it. A class and not a record: its token must not be printed.</summary>
public sealed class HubNodeOptions : IValidatableObject
{
    public const string Section = "HubNode";

    /// <summary>What a node's public key looks like.</summary>
    public const string PubkeyPattern = "^(0x)?[0-9a-fA-F]{66}$";

    /// <summary>
    /// The node's JSON-RPC address: <c>http</c> or <c>https</c> for a request each, <c>ws</c> or <c>wss</c> for one connection that all
    /// calls share. The node serves both on one port, for example <c>http://127.0.0.1:8227</c>.
    /// </summary>
    [Required]
    public required Uri Endpoint { get; init; }

    /// <summary>How long one call may take, waiting for its turn and repetitions included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:01:00")]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls at one time; more wait for their turn. The node takes 100 connections.</summary>
    [Range(1, 100)]
    public int CallsInFlightMax { get; init; } = 16;

    /// <summary>How often a call that is safe to repeat is repeated after an outage, within its time. 0 repeats none.</summary>
    [Range(0, 5)]
    public int RetriesMax { get; init; } = 2;

    /// <summary>After so many outages in a row calls fail at once, until the node has answered a probe. 0 switches that off.</summary>
    [Range(0, 1000)]
    public int OutagesMax { get; init; } = 5;

    /// <summary>How long after that the node is first asked again; each further time twice as long, up to 16 times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:01:00")]
    public TimeSpan ProbePause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a WebSocket connection is pinged; one that answers no ping for as long again is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:10:00")]
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A subscription that tells nothing for so long is made anew: the node can fall silent with the connection whole.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A biscuit in base64url, when the node asks for one. Never logged.</summary>
    [MaxLength(4096)]
    public string? BearerToken { get; init; }

    /// <summary>A file with the biscuit, instead of <see cref="BearerToken"/>; read again when it changes.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>The node's public key, 66 hexadecimal digits; calls to a node with another fail. Null takes any.</summary>
    [RegularExpression(PubkeyPattern)]
    public string? ExpectedPubkey { get; init; }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https" or "ws" or "wss"))
        {
            yield return new($"{Section}:{nameof(Endpoint)} takes an http, https, ws or wss address.", [nameof(Endpoint)]);
        }

        if (TokenObjection() is { } objection)
        {
            yield return new(objection, [BearerTokenFile is null ? nameof(BearerToken) : nameof(BearerTokenFile)]);
        }
    }

    /// <summary>What is wrong with a token and a token's file, by the names they have where they are set; null if nothing.</summary>
    /// <param name="token">As <see cref="BearerToken"/>.</param>
    /// <param name="file">As <see cref="BearerTokenFile"/>.</param>
    /// <param name="tokenName">The name of the first.</param>
    /// <param name="fileName">The name of the second.</param>
    public static string? TokenObjection(string? token, string? file, string tokenName, string fileName) =>
        Transport.BearerToken.Objection(token, file, tokenName, fileName);

    internal string? TokenObjection() =>
        TokenObjection(BearerToken, BearerTokenFile, $"{Section}:{nameof(BearerToken)}", $"{Section}:{nameof(BearerTokenFile)}");
}
