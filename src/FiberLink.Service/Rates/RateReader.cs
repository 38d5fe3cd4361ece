using System.Net;
using System.Text.Json;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Rates;

/// <summary>What a source answered.</summary>
internal abstract record RateAnswer
{
    private RateAnswer()
    {
    }

    /// <param name="Rates">Of the assets that the answer has a rate for, where its settings say.</param>
    /// <param name="Missing">Those that it has none for.</param>
    /// <param name="FetchedAt">When it was there.</param>
    public sealed record Told(
        IReadOnlyDictionary<Asset, UsdRate> Rates, IReadOnlyList<Asset> Missing, DateTimeOffset FetchedAt) : RateAnswer;

    /// <param name="Why">For people. It never has the address in it: some carry a key.</param>
    public sealed record Failed(string Why) : RateAnswer;
}

/// <summary>Asks a source for its rates.</summary>
internal sealed class RateReader(RateHttpClient http, TimeProvider time)
{
    /// <summary>How long a source has for its whole answer.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(10);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Never throws but when it is cancelled.</summary>
    public async Task<RateAnswer> AskAsync(UsdSource source, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var response = await http.GetAsync(source.Url, either.Token);
            return response.StatusCode is HttpStatusCode.OK
                ? Read(await response.Content.ReadAsByteArrayAsync(either.Token), source)
                : new RateAnswer.Failed($"it answers {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new RateAnswer.Failed($"it has not answered within {Deadline.TotalSeconds} s");
        }
        catch (HttpRequestException away)
        {
            return new RateAnswer.Failed(
                away.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded
                    ? "its answer is longer than is read"
                    : $"it cannot be asked: {away.HttpRequestError}");
        }
        catch (JsonException)
        {
            return new RateAnswer.Failed("its answer is not JSON, or has a name twice");
        }
#pragma warning disable CA1031 // A stranger's answer must not stop the service, whatever is wrong with it.
        catch (Exception broken) when (broken is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return new RateAnswer.Failed($"its answer cannot be read: {broken.GetType().Name}");
        }
    }

    private RateAnswer.Told Read(byte[] answer, UsdSource source)
    {
        using var json = JsonDocument.Parse(answer, Strict);
        var rates = new Dictionary<Asset, UsdRate>();
        foreach (var (asset, pointer) in source.Path)
        {
            if (pointer.Find(json.RootElement) is { } value && UsdRate.Read(value) is { } rate)
            {
                rates[asset] = rate;
            }
        }

        return new(rates, [.. source.Path.Keys.Where(a => !rates.ContainsKey(a))], time.GetUtcNow());
    }
}
