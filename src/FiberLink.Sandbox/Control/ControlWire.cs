using System.Text.Json;
using System.Text.Json.Serialization;
using FiberLink.HubNode;
using FiberLink.Sandbox.Payments;

namespace FiberLink.Sandbox.Control;

/// <summary>The bodies of the control requests, for both ends. Quantities are written as the node writes them.</summary>
internal static class ControlWire
{
    public const string Root = "/sandbox/";

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Which invoice is meant: by its hash or by its text.</summary>
    internal record InvoiceChoice([property: JsonPropertyName("payment_hash")] string? PaymentHash = null, string? Invoice = null);

    internal sealed record Pay(long? AfterMs = null, bool Force = false) : InvoiceChoice;

    internal sealed record Report(string? Amount = null, Script? UdtScript = null, string? ReportedHash = null) : InvoiceChoice;

    internal sealed record Script(string CodeHash, string HashType, string Args);

    internal sealed record Away(long? ForMs = null);

    /// <summary>Alone, <c>ms</c> is how long every call waits; with the others it is the typical.</summary>
    internal sealed record Slow(long Ms, long? MinMs = null, long? MaxMs = null, double TailShare = 0, int Seed = 0);

    internal sealed record LoseAnswers(int Count);

    internal sealed record Twice(bool On);

    /// <summary>Shares of calls, 0 to 1, that are cut by chance.</summary>
    internal sealed record Cut(double Before = 0, double After = 0, int Seed = 0);

    internal sealed record Subscriptions(int? Burst = null, double Drop = 0, bool Silent = false, bool Offered = true);

    internal sealed record Skew(long Ms);

    internal sealed record Refuse(string Method, string Message, int Count = 1);

    internal sealed record Refused(string Error);

    internal sealed record Listed(
        [property: JsonPropertyName("payment_hash")] string PaymentHash,
        string Invoice,
        string Amount,
        string Currency,
        string Status,
        bool IsHold,
        string? Description = null);

    internal sealed record Nothing;

    internal sealed record NewPayeeInvoice(
        string Amount,
        Script? UdtScript = null,
        string? Description = null,
        ulong? ExpirySeconds = null,
        bool Farther = false,
        bool Held = false,
        bool MultiPart = false);

    internal sealed record MadePayeeInvoice([property: JsonPropertyName("payment_hash")] string PaymentHash, string Invoice);

    /// <summary>Of the payments of one invoice; or, where none is said, of the next so many.</summary>
    internal sealed record Fate(PaymentEnding Ending, string? Error = null, int Count = 1) : InvoiceChoice;

    internal sealed record Succeed(bool Told = false) : InvoiceChoice;

    internal sealed record Fail(string Error) : InvoiceChoice;

    internal sealed record ListedPayment(
        [property: JsonPropertyName("payment_hash")] string PaymentHash,
        string Amount,
        string Fee,
        HubPaymentStatus Status,
        bool UnderWay,
        bool Taken,
        string? Error = null);

    internal sealed record OpenChannel(string Local, string Remote, int Peer = 0, Script? UdtScript = null);

    internal sealed record Peer(int Number, bool Connected);
}
