namespace FiberLink.EventStore;

/// <summary>Which stream: the tenant it belongs to and its key within the tenant, such as <c>tip-0199…</c>.</summary>
/// <param name="Tenant">The community; its log is kept apart from every other's.</param>
/// <param name="Key">What kind of thing the stream is about, a hyphen, and which one.</param>
public readonly record struct StreamId(string Tenant, string Key)
{
    /// <summary>The longest key or tenant that is stored.</summary>
    public const int LengthMax = 200;

    /// <summary>What kind of thing the stream is about: the key up to its first hyphen.</summary>
    public string Category => Key.IndexOf('-', StringComparison.Ordinal) is >= 0 and var hyphen ? Key[..hyphen] : Key;

    /// <summary>Whether a stream can have this name. One that cannot is one that nobody wrote to.</summary>
    internal bool CanBeStored => StoredText.IsName(Tenant, LengthMax) && StoredText.IsName(Key, LengthMax);

    public override string ToString() => $"{Tenant}/{Key}";
}
