namespace FiberLink.Chain.Signing;

/// <summary>What came of opening or writing a keystore.</summary>
public abstract record KeystoreReading
{
    private KeystoreReading()
    {
    }

    /// <summary>The key is open. It is the caller's to dispose of.</summary>
    public sealed record Opened(SigningKey Key) : KeystoreReading
    {
        /// <summary>The public half only.</summary>
        public override string ToString() => $"Opened {{ {Key.PublicKey} }}";
    }

    /// <summary>What the file says of itself in the open. Only the passphrase can tell whether it is so.</summary>
    /// <param name="PublicKey">The public half of the key that is said to be in it.</param>
    public sealed record Labelled(PublicKey PublicKey) : KeystoreReading;

    /// <summary>There is no key.</summary>
    /// <param name="Reason">Why: decide by this.</param>
    /// <param name="Detail">A sentence for people; it holds nothing of the key or the passphrase.</param>
    public sealed record Refused(KeystoreRefusal Reason, string Detail) : KeystoreReading;
}

/// <summary>Why a keystore gives no key.</summary>
public enum KeystoreRefusal
{
    /// <summary>There is no such file, or it may not be read.</summary>
    NotReadable = 1,

    /// <summary>Others than its owner may read or write it.</summary>
    TooOpen = 2,

    /// <summary>It is no keystore, or a damaged one.</summary>
    NotAKeystore = 3,

    /// <summary>It was written by a later version.</summary>
    UnknownVersion = 4,

    /// <summary>The passphrase is another, or the file was changed. Which of the two cannot be told.</summary>
    WrongPassphrase = 5,

    /// <summary>There is a file already; it may hold a key that somebody needs, so it is never written over.</summary>
    AlreadyThere = 6,

    /// <summary>The passphrase is too short.</summary>
    WeakPassphrase = 7,
}
