namespace FiberLink.Sandbox;

/// <summary>Money that the sandbox says has come in is not there: beside settings of a production service it doesn't start.</summary>
internal static class ProductionGuard
{
    private static readonly (string Variable, string Production)[] Settings =
    [
        ("ASPNETCORE_ENVIRONMENT", "Production"), ("DOTNET_ENVIRONMENT", "Production"), ("FIBERLINK_NETWORK", "mainnet"),
    ];

    /// <param name="variable">Looks a variable up; null when it is not set.</param>
    /// <exception cref="SandboxInProductionException">One of them says that this is production.</exception>
    public static void Check(Func<string, string?> variable)
    {
        foreach (var (name, production) in Settings)
        {
            if (string.Equals(variable(name), production, StringComparison.OrdinalIgnoreCase))
            {
                throw new SandboxInProductionException(name, production);
            }
        }
    }
}

/// <summary>The sandbox was to be started where real money is moved.</summary>
/// <param name="variable">The setting that says so.</param>
/// <param name="value">What it says.</param>
public sealed class SandboxInProductionException(string variable, string value)
    : InvalidOperationException($"The sandbox node does not start with {variable}={value}: what it says was paid is not there.");
