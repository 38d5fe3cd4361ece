using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FiberLink.Cli.Output;

/// <summary>Prints data: as lines for people, or as JSON for programs.</summary>
internal static class Printer
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task JsonAsync(JsonNode node) => Console.Out.WriteLineAsync(node.ToJsonString(Indented));

    public static Task JsonLineAsync(JsonNode node) => Console.Out.WriteLineAsync(node.ToJsonString(OneLine));

    public static string OnOneLine(JsonNode node) => node.ToJsonString(OneLine);

    /// <summary>What others have written, on one line: a forum names members and posts as it likes.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    /// <summary>Columns as wide as their widest cell.</summary>
    public static async Task TableAsync(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = head.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(head))
        {
            await Console.Out.WriteLineAsync(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }
}
