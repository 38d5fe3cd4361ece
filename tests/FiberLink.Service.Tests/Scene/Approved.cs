using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FiberLink.Service.Tests.Scene;

/// <summary>Compares an answer with the one that was approved, kept beside the test as <c>Name.verified.json</c>.</summary>
internal static partial class Approved
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Ids and invoices differ from run to run, and become their kind and a number in order of appearance; times just times.
    /// </summary>
    public static void Json(JsonElement answer, string name, [CallerFilePath] string test = "")
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = Time().Replace(JsonSerializer.Serialize(answer, Indented), "<time>");
        foreach (var (kind, pattern) in new[] { ("id", Id()), ("invoice", Invoice()), ("member", Member()) })
        {
            text = pattern.Replace(text, match =>
            {
                if (!names.TryGetValue(match.Value, out var known))
                {
                    known = $"<{kind} {names.Values.Count(v => v.StartsWith($"<{kind}", StringComparison.Ordinal)) + 1}>";
                    names.Add(match.Value, known);
                }

                return known;
            });
        }

        var folder = Path.GetDirectoryName(test)!;
        var verified = Path.Combine(folder, $"{name}.verified.json");
        var received = Path.Combine(folder, $"{name}.received.json");
        if (!File.Exists(verified) || File.ReadAllText(verified).ReplaceLineEndings("\n").TrimEnd() != text.ReplaceLineEndings("\n"))
        {
            File.WriteAllText(received, text + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            Assert.Fail($"{received} is not what was approved; when it is right, it becomes {Path.GetFileName(verified)}.\n{text}");
        }

        File.Delete(received);
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")]
    private static partial Regex Time();

    [GeneratedRegex("fib[btd][0-9a-z]{20,}")]
    private static partial Regex Invoice();

    [GeneratedRegex("(from|to)-[0-9a-f]{12}")]
    private static partial Regex Member();
}
