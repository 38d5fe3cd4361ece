using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Messaging.Tests;

/// <summary>Something that holds for everything one can think of. A failure prints what broke it, shrunk, and the seed.</summary>
internal static class Property
{
    private const int ExamplesMax = 1000;

    public static void Holds<T>(Gen<T> examples, Action<T> check) => Holds(examples.ToArbitrary(), check);

    public static void Holds<T>(Arbitrary<T> examples, Action<T> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(ExamplesMax), Prop.ForAll(examples, check));
}
