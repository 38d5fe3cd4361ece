using System.Text.Json;
using FiberLink.Crypto.Liabilities;
using FiberLink.Crypto.Sealing;

namespace FiberLink.Service.Audit;

/// <summary>What a member's proof shows, with nothing but the proof and a key.</summary>
public static class LiabilityCheck
{
    /// <summary>Checks the signature, that the event is in the log, and that the balance leads to the root that the event tells.</summary>
    public static LiabilityVerdict Check(LiabilityProof proof, IReadOnlyCollection<NoteKey> keys)
    {
        switch (proof.Published.Check(keys))
        {
            case ProofVerdict.Worthless(var because):
                return new LiabilityVerdict.Worthless(because);
            case ProofVerdict.Shown(var checkpoint):
                return Read(proof.Published) is not { } publication
                    ? new LiabilityVerdict.Worthless("The event that it shows publishes no liabilities.")
                    : proof.Path.Siblings.Count != publication.Body.Depth || proof.Path.RootIn(publication.Scope) is not { } root
                        || root != publication.Root
                        ? new LiabilityVerdict.Worthless("The balance does not lead to the root that was published.")
                        : new LiabilityVerdict.Counted(checkpoint, publication);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static LiabilityPublication? Read(LogProof shown)
    {
        using var form = JsonDocument.Parse(shown.Disclosed);
        if (Text(form.RootElement, "type") != LiabilityPublication.Name || Text(form.RootElement, "tenant") is not { } tenant
            || LiabilityPublication.TryRead(JsonSerializer.SerializeToUtf8Bytes(form.RootElement.GetProperty("data"))) is not { } body)
        {
            return null;
        }

        // What it tells of lies before it, and it is where such events belong.
        return Text(form.RootElement, "stream") == LiabilityPublication.Stream(tenant, body.Total.Asset).Key && body.Position <= shown.Index
            ? new(tenant, shown.Index + 1, body)
            : null;
    }

    private static string? Text(JsonElement form, string name) =>
        form.ValueKind == JsonValueKind.Object && form.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <summary>What a member's proof is worth.</summary>
public abstract record LiabilityVerdict
{
    private LiabilityVerdict()
    {
    }

    /// <summary>The balance is in the sum that was published.</summary>
    /// <param name="Checkpoint">The log that the publication is in.</param>
    /// <param name="Publication">What was published.</param>
    public sealed record Counted(Checkpoint Checkpoint, LiabilityPublication Publication) : LiabilityVerdict;

    /// <summary>It shows nothing.</summary>
    /// <param name="Because">A sentence for people.</param>
    public sealed record Worthless(string Because) : LiabilityVerdict;
}
