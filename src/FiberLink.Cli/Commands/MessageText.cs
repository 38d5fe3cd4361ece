using System.Globalization;
using System.Text.Json.Nodes;
using FiberLink.Messaging;

namespace FiberLink.Cli.Commands;

/// <summary>How messages are written down, for people and for programs.</summary>
internal static class MessageText
{
    private const int ShortLength = 80;

    public static JsonObject Json(MessageSummary message) => new()
    {
        ["id"] = message.Id,
        ["name"] = message.Name,
        ["appId"] = message.Tenant,
        ["state"] = message.State,
        ["key"] = message.Key,
        ["attempts"] = message.Attempts,
        ["createdAt"] = message.CreatedAt,
        [message.State switch { "dead" or "discarded" => "failedAt", "expired" => "expiredAt", _ => "dueAt" }] = message.At,
        ["errorType"] = message.ErrorType,
        ["lastError"] = message.LastError,
    };

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>One line that fits into a table; <c>messages show</c> has the whole.</summary>
    public static string Short(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "-";
        }

        var line = text.ReplaceLineEndings(" ");
        return line.Length <= ShortLength ? line : line[..(ShortLength - 1)] + "…";
    }
}
