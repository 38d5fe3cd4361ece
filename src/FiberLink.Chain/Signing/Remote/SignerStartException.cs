namespace FiberLink.Chain.Signing.Remote;

/// <summary>A signer cannot start, or rather not than start wrongly. The message names the setting; it holds no secret.</summary>
public sealed class SignerStartException : Exception
{
    public SignerStartException(string setting, string problem)
        : this([$"{setting}: {problem}"])
    {
    }

    /// <param name="problems">Each begins with the setting's name.</param>
    public SignerStartException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>Everything that is wrong, each with the setting's name in front.</summary>
    public IReadOnlyList<string> Problems { get; }
}
