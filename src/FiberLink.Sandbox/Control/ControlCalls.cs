using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace FiberLink.Sandbox.Control;

/// <summary>Sends control requests. Each method throws as <see cref="SandboxControl"/> says.</summary>
internal sealed class ControlCalls(HttpClient http, Uri node)
{
    public async Task<TAnswer> PostAsync<TBody, TAnswer>(string verb, TBody body, CancellationToken ct)
    {
        using var response = await http.PostAsJsonAsync(Address(verb), body, ControlWire.Json, ct);
        return await ReadAsync<TAnswer>(response, ct);
    }

    public async Task SwitchAsync<TBody>(string verb, TBody body, CancellationToken ct) =>
        await PostAsync<TBody, ControlWire.Nothing>(verb, body, ct);

    public async Task<T> GetAsync<T>(string what, CancellationToken ct)
    {
        using var response = await http.GetAsync(Address(what), ct);
        return await ReadAsync<T>(response, ct);
    }

    /// <summary>The hash or the text of an invoice: whichever was given.</summary>
    public static (string? Hash, string? Invoice) Choice(string invoiceOrHash) =>
        invoiceOrHash.StartsWith("0x", StringComparison.Ordinal) ? (invoiceOrHash, null) : (null, invoiceOrHash);

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
