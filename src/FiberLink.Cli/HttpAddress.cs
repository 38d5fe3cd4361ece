namespace FiberLink.Cli;

/// <summary>Addresses as people type them.</summary>
internal static class HttpAddress
{
    /// <exception cref="CommandFailedException">It is none that HTTP goes to.</exception>
    public static Uri Parse(string text, string whose) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new CommandFailedException(ExitCode.Usage, $"'{text}' is no http:// or https:// address of {whose}.");
}
