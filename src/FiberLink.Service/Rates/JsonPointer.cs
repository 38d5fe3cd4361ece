using System.Globalization;
using System.Text.Json;

namespace FiberLink.Service.Rates;

/// <summary>Where in a JSON text something stands, as RFC 6901 writes it: <c>/nervos-network/usd</c>.</summary>
public sealed class JsonPointer
{
    /// <summary>More than any price needs.</summary>
    public const int StepsMax = 16;

    private readonly IReadOnlyList<string> _steps;

    private JsonPointer(IReadOnlyList<string> steps) => _steps = steps;

    /// <param name="text">
    /// Empty for the whole text; else a slash before each step, with <c>~0</c> for a tilde and <c>~1</c> for a slash.
    /// </param>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static JsonPointer Parse(string text)
    {
        if (text.Length == 0)
        {
            return new([]);
        }

        var steps = text.Split('/');
        return steps[0].Length > 0 ? throw new FormatException($"'{text}' is no JSON pointer: it begins with a slash")
            : steps.Length - 1 > StepsMax ? throw new FormatException($"a JSON pointer of more than {StepsMax} steps is not taken")
            : new([.. steps.Skip(1).Select(s => Step(s, text))]);
    }

    /// <returns>What stands there; null when nothing does.</returns>
    public JsonElement? Find(JsonElement root)
    {
        var at = root;
        foreach (var step in _steps)
        {
            switch (at.ValueKind)
            {
                case JsonValueKind.Object when at.TryGetProperty(step, out var property):
                    at = property;
                    break;
                case JsonValueKind.Array when Index(step) is { } index && index < at.GetArrayLength():
                    at = at[index];
                    break;
                default:
                    return null;
            }
        }

        return at;
    }

    private static string Step(string text, string pointer)
    {
        for (var i = text.IndexOf('~', StringComparison.Ordinal); i >= 0; i = text.IndexOf('~', i + 1))
        {
            if (i + 1 == text.Length || text[i + 1] is not ('0' or '1'))
            {
                throw new FormatException($"'{pointer}' is no JSON pointer: a tilde is written ~0");
            }
        }

        return text.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
    }

    private static int? Index(string step) =>
        (step is "0" || step.Length > 0 && step[0] != '0')
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : null;
}
