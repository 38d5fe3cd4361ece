namespace FiberLink.Domain.Tests;

/// <summary>The cases of an abstract record that nobody can add to from elsewhere.</summary>
internal static class ClosedSet
{
    public static IReadOnlyList<string> CasesOf<T>() =>
    [
        .. typeof(T).GetNestedTypes()
            .Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(T)))
            .Select(t => t.Name)
            .Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<string> CasesIn<T>(IEnumerable<T> examples) =>
        [.. examples.Select(e => e!.GetType().Name).Distinct().Order(StringComparer.Ordinal)];
}
