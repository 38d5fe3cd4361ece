namespace FiberLink.Events;

/// <summary>
/// Text that somebody may ask to have erased, as the log holds it: AES-256-GCM under a key of that member's own, which lives
/// outside the log. Without the key the text is gone, and the log, its hashes and the books are whole.
/// </summary>
/// <param name="KeyId">Which member's key opens it.</param>
/// <param name="Nonce">12 bytes, base64.</param>
/// <param name="Ciphertext">The ciphertext followed by the 16-byte tag, base64.</param>
public sealed record SealedText(Guid KeyId, string Nonce, string Ciphertext);
