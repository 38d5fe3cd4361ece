using System.Security.Cryptography;
using FiberLink.Domain.Communities;
using FiberLink.Events.Communities;
using FiberLink.EventStore;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Secrets;

using Handled = FiberLink.Service.CommandHandling.Handled<
    FiberLink.Domain.Communities.CommunityState, FiberLink.Domain.Communities.CommunityRefusal>;

namespace FiberLink.Service.Communities;

/// <summary>Registers communities and rotates their secrets. A secret is told once, when it is made, and kept sealed.</summary>
public sealed class CommunityAdministration
{
    /// <summary>The longest id of a community.</summary>
    public const int AppIdLengthMax = 64;

    /// <summary>A shorter secret could be guessed.</summary>
    public const int SecretLengthMin = 8;

    private const int SecretBytes = 32;
    private const string Stream = "community";

    private static readonly Folding<CommunityState, CommunityEvent> Folding = new(CommunityState.Initial, CommunityState.Evolve);

    private readonly CommandHandler _commands;
    private readonly MasterKeys _keys;
    private readonly Ids _ids;
    private readonly TimeProvider _time;

    internal CommunityAdministration(CommandHandler commands, MasterKeys keys, Ids ids, TimeProvider time) =>
        (_commands, _keys, _ids, _time) = (commands, keys, ids, time);

    /// <summary>Registers a community.</summary>
    /// <param name="appId">1 to 64 letters, digits, dots, colons, hyphens or underscores; what it signs requests as.</param>
    /// <param name="name">What people call it; empty for its id.</param>
    /// <param name="secret">Its secret; null for a random one of 32 bytes, in base64.</param>
    /// <param name="ct">Stops before the commit.</param>
    public async Task<CommunityAnswer> RegisterAsync(string appId, string name, string? secret, CancellationToken ct)
    {
        if (!IsAppId(appId))
        {
            return new CommunityAnswer.Refused(
                $"An app id has 1 to {AppIdLengthMax} letters, digits, dots, colons, hyphens or underscores; '{appId}' is none.");
        }

        if (secret?.Length < SecretLengthMin)
        {
            return new CommunityAnswer.Refused($"A secret has at least {SecretLengthMin} characters.");
        }

        secret ??= NewSecret();
        var secretId = _ids.Next();
        var command = new CommunityCommand.Register(appId, name.Length == 0 ? appId : name, secretId, _time.GetUtcNow());
        return await ApplyAsync(appId, command, secretId, secret, ct);
    }

    /// <summary>Gives a community a new secret; the present one stays valid for the overlap.</summary>
    public async Task<CommunityAnswer> RotateSecretAsync(string appId, string? secret, TimeSpan overlap, CancellationToken ct)
    {
        if (secret?.Length < SecretLengthMin)
        {
            return new CommunityAnswer.Refused($"A secret has at least {SecretLengthMin} characters.");
        }

        secret ??= NewSecret();
        var secretId = _ids.Next();
        return await ApplyAsync(appId, new CommunityCommand.RotateSecret(secretId, overlap, _time.GetUtcNow()), secretId, secret, ct);
    }

    private async Task<CommunityAnswer> ApplyAsync(
        string appId, CommunityCommand command, Guid secretId, string secret, CancellationToken ct)
    {
        var handled = await _commands.HandleAsync(
            new StreamId(appId, Stream),
            Folding,
            state => CommunityDecider.Decide(command, state),
            (_, events) => events.Count == 0
                ? Attachments.None
                : new Attachments { Rows = [CommunitySecretRow.Seal(_keys, secretId, appId, secret)] },
            new CommandContext(null, null, "operator"),
            isNew: false,
            ct);
        return handled switch
        {
            Handled.Accepted => new CommunityAnswer.Done(secret),
            Handled.Refused refused => new CommunityAnswer.Refused(TextOf(refused.Reason, appId)),
            _ => throw new InvalidOperationException($"A community's command cannot end in {handled.GetType().Name}."),
        };
    }

    private static string TextOf(CommunityRefusal refusal, string appId) =>
        refusal switch
        {
            CommunityRefusal.CommunityIsUnknown => $"There is no community '{appId}'.",
            CommunityRefusal.CommunityExists => $"The community '{appId}' exists already.",
            CommunityRefusal.PreviousSecretIsStillValid =>
                $"The secret before the present one of '{appId}' is still valid; at most two are valid at a time. Wait for its end.",
            CommunityRefusal.OverlapIsOutOfRange =>
                $"The overlap is between 0 and {CommunityDecider.OverlapMax.TotalDays} days.",
            _ => refusal.ToString(),
        };

    private static bool IsAppId(string text) =>
        text.Length is > 0 and <= AppIdLengthMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-' or '_');

    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
}

/// <summary>What came of an operator's wish.</summary>
public abstract record CommunityAnswer
{
    private CommunityAnswer()
    {
    }

    /// <param name="Secret">The secret that signs from now on. It is not told again.</param>
    public sealed record Done(string Secret) : CommunityAnswer;

    /// <param name="Why">In words for the operator.</param>
    public sealed record Refused(string Why) : CommunityAnswer;
}
