using System.Buffers;

namespace FiberLink.HubNode.Transport;

/// <summary>
/// The token to send. One from a file is read again once a second, so that a rotated token needs no restart; by its content and not by
/// its date, because secrets are often mounted as links that are switched. It is never part of a message.
/// </summary>
internal sealed class BearerToken
{
    private const int LettersMax = 4096;

    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    // What RFC 6750 lets a bearer token consist of; anything else would be an invalid header, and its complaint would repeat the value.
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private readonly string? _file;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private string? _token;
    private long _readAt;

    /// <exception cref="HubNodeSettingsException">The settings are no token; it says which of them.</exception>
    public BearerToken(HubNodeOptions options, TimeProvider time)
    {
        if (options.TokenObjection() is { } objection)
        {
            throw new HubNodeSettingsException(objection);
        }

        (_file, _time) = (options.BearerTokenFile, time);
        _token = _file is null ? options.BearerToken : Read(_file);
        _readAt = time.GetTimestamp();
    }

    /// <summary>What is wrong with the settings, by the names that they have; null if nothing. It never repeats a token.</summary>
    public static string? Objection(string? token, string? file, string tokenName, string fileName) =>
        token is not null && file is not null ? $"{tokenName} and {fileName} are both set; set one."
        : token is not null && !IsToken(token) ? $"{tokenName} is not a token (base64url text, {LettersMax} letters at most)."
        : file is not null && Objection(file) is { } wrong ? $"{fileName}: the file '{file}' {wrong}."
        : null;

    /// <summary>The token as of now; null when the node asks for none. A file that has become unreadable leaves the last one.</summary>
    public string? Current()
    {
        if (_file is null)
        {
            return _token;
        }

        lock (_lock)
        {
            if (_time.GetElapsedTime(_readAt) >= FreshFor)
            {
                _readAt = _time.GetTimestamp();
                _token = Read(_file) ?? _token;
            }

            return _token;
        }
    }

    private static string? Objection(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() switch
            {
                "" => "is empty",
                var text when !IsToken(text) => $"does not hold a token (base64url text, {LettersMax} letters at most)",
                _ => null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message.TrimEnd('.')}";
        }
    }

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is var text && IsToken(text) ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsToken(string text) => text.Length is > 0 and <= LettersMax && !text.AsSpan().ContainsAnyExcept(Letters);
}
