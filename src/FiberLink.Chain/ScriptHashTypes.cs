namespace FiberLink.Chain;

/// <summary>The names that CKB's nodes and wallets give to <see cref="ScriptHashType"/>.</summary>
public static class ScriptHashTypes
{
    private static readonly IReadOnlyList<(ScriptHashType HashType, string Name)> Names =
    [
        (ScriptHashType.Data, "data"),
        (ScriptHashType.Type, "type"),
        (ScriptHashType.Data1, "data1"),
        (ScriptHashType.Data2, "data2"),
    ];

    /// <exception cref="ArgumentOutOfRangeException">There is no such hash type.</exception>
    public static string NameOf(ScriptHashType hashType) =>
        Names.FirstOrDefault(n => n.HashType == hashType).Name
        ?? throw new ArgumentOutOfRangeException(nameof(hashType), hashType, "No such hash type.");

    /// <returns>What the name says; null when it is nobody's.</returns>
    public static ScriptHashType? Find(string? name) =>
        Names.Where(n => n.Name == name).Select(n => (ScriptHashType?)n.HashType).FirstOrDefault();
}
