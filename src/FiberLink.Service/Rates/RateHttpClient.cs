namespace FiberLink.Service.Rates;

/// <summary>
/// The connections to those who tell rates. What they answer is believed for its numbers alone: they lead nowhere else, leave nothing
/// behind, and say no more than is worth reading.
/// </summary>
internal sealed class RateHttpClient : HttpClient
{
    /// <summary>The most bytes of an answer.</summary>
    public const int AnswerBytesMax = 256 * 1024;

    private const int HeaderKilobytesMax = 16;

    public RateHttpClient()
#pragma warning disable CA2000 // The client disposes it.
        : base(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxResponseHeadersLength = HeaderKilobytesMax,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
#pragma warning restore CA2000
    {
        MaxResponseContentBufferSize = AnswerBytesMax;

        // Each call has a deadline of its own.
        Timeout = System.Threading.Timeout.InfiniteTimeSpan;
        DefaultRequestHeaders.Accept.ParseAdd("application/json");
        DefaultRequestHeaders.UserAgent.ParseAdd("FiberLink");
    }
}
