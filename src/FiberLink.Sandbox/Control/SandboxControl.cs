using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FiberLink.HubNode;

namespace FiberLink.Sandbox.Control;

/// <summary>An invoice in the sandbox, as its list tells of it.</summary>
/// <param name="PaymentHash">What it is known by.</param>
/// <param name="Invoice">The text to pay.</param>
/// <param name="Amount">In the smallest unit.</param>
/// <param name="Currency">The network.</param>
/// <param name="Status">At the moment of asking.</param>
/// <param name="IsHold">A payment waits until it is settled.</param>
/// <param name="Description">As given when it was made.</param>
public sealed record SandboxListing(
    PaymentHash PaymentHash,
    string Invoice,
    UInt128 Amount,
    FiberCurrency Currency,
    HubInvoiceStatus Status,
    bool IsHold,
    string? Description);

/// <summary>
/// Makes things happen at a running sandbox node. Where an invoice is asked for, its payment hash or its text will do. Every method
/// throws <see cref="SandboxRefusedException"/> with a readable reason when the sandbox won't, and
/// <see cref="HttpRequestException"/> when it isn't there.
/// </summary>
/// <param name="http">The caller's.</param>
/// <param name="node">The node's address, as <see cref="SandboxNode.Endpoint"/> tells it.</param>
public sealed class SandboxControl(HttpClient http, Uri node)
{
    /// <summary>
    /// A payment arrives, at once or later: a plain invoice becomes Paid, a hold invoice Received. With <paramref name="force"/> also
    /// when the invoice has expired or is cancelled, as a payment that was under way does at a real node.
    /// </summary>
    public Task<SandboxListing> PayAsync(string invoiceOrHash, TimeSpan? after, bool force, CancellationToken ct)
    {
        var (hash, invoice) = Choice(invoiceOrHash);
        var afterMs = after is { } delay ? (long?)delay.TotalMilliseconds : null;
        return ChangeAsync("pay", new ControlWire.Pay(afterMs, force) { PaymentHash = hash, Invoice = invoice }, ct);
    }

    /// <inheritdoc cref="PayAsync(string, TimeSpan?, bool, CancellationToken)" />
    public Task<SandboxListing> PayAsync(string invoiceOrHash, CancellationToken ct) =>
        PayAsync(invoiceOrHash, after: null, force: false, ct);

    /// <summary>A payment arrives and is held: the invoice is Received and stays so.</summary>
    public Task<SandboxListing> HoldAsync(string invoiceOrHash, CancellationToken ct) => ChangeAsync("hold", invoiceOrHash, ct);

    /// <summary>A held payment is taken: the invoice is Paid.</summary>
    public Task<SandboxListing> SettleAsync(string invoiceOrHash, CancellationToken ct) => ChangeAsync("settle", invoiceOrHash, ct);

    /// <summary>The invoice is cancelled.</summary>
    public Task<SandboxListing> CancelAsync(string invoiceOrHash, CancellationToken ct) => ChangeAsync("cancel", invoiceOrHash, ct);

    /// <summary>The invoice's time is over, whatever the clock says.</summary>
    public Task<SandboxListing> ExpireAsync(string invoiceOrHash, CancellationToken ct) => ChangeAsync("expire-now", invoiceOrHash, ct);

    /// <summary>The node cuts every connection without an answer, for so long or until it is told to come back.</summary>
    public Task GoAwayAsync(TimeSpan? duration, CancellationToken ct) =>
        SwitchAsync("away", new ControlWire.Away(duration is { } d ? (long)d.TotalMilliseconds : null), ct);

    public Task ComeBackAsync(CancellationToken ct) => SwitchAsync("back", new ControlWire.Nothing(), ct);

    /// <summary>Every call waits so long before it is executed; zero ends it.</summary>
    public Task AnswerSlowlyAsync(TimeSpan delay, CancellationToken ct) =>
        SwitchAsync("slow", new ControlWire.Slow((long)delay.TotalMilliseconds), ct);

    /// <summary>So many calls are executed and then get no answer.</summary>
    public Task LoseAnswersAsync(int count, CancellationToken ct) => SwitchAsync("lose-answers", new ControlWire.LoseAnswers(count), ct);

    /// <summary>Every call is executed twice, and the second answer is the one that is sent.</summary>
    public Task AnswerTwiceAsync(bool on, CancellationToken ct) => SwitchAsync("twice", new ControlWire.Twice(on), ct);

    /// <summary>From now on get_invoice tells something else of this invoice; what is null is told truly.</summary>
    public Task<SandboxListing> ReportAsync(
        string invoiceOrHash, UInt128? amount, UdtScript? udtScript, PaymentHash? paymentHash, CancellationToken ct)
    {
        var (hash, invoice) = Choice(invoiceOrHash);
        var report = new ControlWire.Report(
            amount is { } value ? HexQuantity.Format(value) : null,
            udtScript is { } script ? new(script.CodeHash, script.HashType, script.Args) : null,
            paymentHash?.ToString())
        {
            PaymentHash = hash,
            Invoice = invoice,
        };
        return ChangeAsync("report", report, ct);
    }

    /// <summary>The next so many calls of a method are refused with this text.</summary>
    public Task RefuseAsync(string method, string message, int count, CancellationToken ct) =>
        SwitchAsync("refuse", new ControlWire.Refuse(method, message, count), ct);

    /// <summary>On a WebSocket, each answer is sent twice.</summary>
    public Task SendAnswersTwiceAsync(bool on, CancellationToken ct) => SwitchAsync("answers-twice", new ControlWire.Twice(on), ct);

    /// <summary>Connections are cut by chance, from now on in the same order for the same seed; zeros end it.</summary>
    /// <param name="before">The share of calls, 0 to 1, that are cut and not executed.</param>
    /// <param name="after">The share that is executed and not answered.</param>
    /// <param name="seed">Where the accidents begin.</param>
    /// <param name="ct">Gives up.</param>
    public Task CutByChanceAsync(double before, double after, int seed, CancellationToken ct) =>
        SwitchAsync("cut", new ControlWire.Cut(before, after, seed), ct);

    /// <summary>How the node tells of its changes from now on. What has fallen silent by a burst speaks again by this, too.</summary>
    public Task SubscriptionsAsync(SubscriptionFaults faults, CancellationToken ct) =>
        SwitchAsync(
            "subscriptions",
            new ControlWire.Subscriptions(faults.BurstMax, faults.Dropped, faults.AreSilent, faults.AreOffered),
            ct);

    /// <summary>The node's clock is wrong by so much.</summary>
    public Task SkewClockAsync(TimeSpan ahead, CancellationToken ct) =>
        SwitchAsync("skew", new ControlWire.Skew((long)ahead.TotalMilliseconds), ct);

    /// <summary>Everything is right again, and the counts of calls are zero. Invoices stay.</summary>
    public Task ResetAsync(CancellationToken ct) => SwitchAsync("reset", new ControlWire.Nothing(), ct);

    /// <summary>All invoices in the order in which they were made.</summary>
    public async Task<IReadOnlyList<SandboxListing>> ListAsync(CancellationToken ct) =>
        [.. (await GetAsync<ControlWire.Listed[]>("invoices", ct)).Select(ToListing)];

    /// <summary>How often each method was called since the last reset; methods never called are absent.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CallsAsync(CancellationToken ct) =>
        await GetAsync<Dictionary<string, long>>("calls", ct);

    private static (string? Hash, string? Invoice) Choice(string invoiceOrHash) =>
        invoiceOrHash.StartsWith("0x", StringComparison.Ordinal) ? (invoiceOrHash, null) : (null, invoiceOrHash);

    private static SandboxListing ToListing(ControlWire.Listed listed) => new(
        PaymentHash.Parse(listed.PaymentHash),
        listed.Invoice,
        HexQuantity.TryParse(listed.Amount, out var amount) ? amount : throw new FormatException("The amount is not a quantity."),
        Enum.Parse<FiberCurrency>(listed.Currency),
        Enum.Parse<HubInvoiceStatus>(listed.Status),
        listed.IsHold,
        listed.Description);

    private Task<SandboxListing> ChangeAsync(string verb, string invoiceOrHash, CancellationToken ct)
    {
        var (hash, invoice) = Choice(invoiceOrHash);
        return ChangeAsync(verb, new ControlWire.InvoiceChoice(hash, invoice), ct);
    }

    private async Task<SandboxListing> ChangeAsync<T>(string verb, T body, CancellationToken ct)
    {
        using var response = await http.PostAsJsonAsync(Address(verb), body, ControlWire.Json, ct);
        return ToListing(await ReadAsync<ControlWire.Listed>(response, ct));
    }

    private async Task SwitchAsync<T>(string verb, T body, CancellationToken ct)
    {
        using var response = await http.PostAsJsonAsync(Address(verb), body, ControlWire.Json, ct);
        await ReadAsync<ControlWire.Nothing>(response, ct);
    }

    private async Task<T> GetAsync<T>(string what, CancellationToken ct)
    {
        using var response = await http.GetAsync(Address(what), ct);
        return await ReadAsync<T>(response, ct);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
        {
            var refused = await response.Content.ReadFromJsonAsync<ControlWire.Refused>(ControlWire.Json, ct);
            throw new SandboxRefusedException(
                refused?.Error ?? string.Create(CultureInfo.InvariantCulture, $"HTTP status {(int)response.StatusCode}."));
        }

        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<T>(ControlWire.Json, ct) ?? throw new JsonException("The sandbox answered null.");
    }

    private Uri Address(string verb) => new(node, ControlWire.Root + verb);
}
