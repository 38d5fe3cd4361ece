using System.Runtime.CompilerServices;
using System.Text.Json;
using FiberLink.Messaging;
using FiberLink.Service.Messages;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Tests.Messages;

/// <summary>
/// <c>Sent/&lt;message name&gt;.json</c>, and <c>Sent/&lt;message name&gt;.&lt;what is special&gt;.json</c> where a message has
/// several shapes. Each was written the day its shape shipped: such messages may wait in a database, or in a backup of one. Files may be
/// added, never edited.
/// </summary>
internal static class SentCorpus
{
    public static HandlerList Handlers { get; } = MessageHandlers.All(new NoServices());

    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Here(), "Sent")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public static string BodyOf(string file) => File.ReadAllText(Path.Combine(Here(), "Sent", file)).TrimEnd('\n');

    /// <summary>What comes before the second dot: a name is a word and a version.</summary>
    public static string NameOf(string file) => string.Join('.', file.Split('.').Take(2));

    public static string Write(object message) =>
        JsonSerializer.Serialize(message, MessagesJson.Default.GetTypeInfo(message.GetType())!);

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    // A handler asks for its services when it handles something, and not before.
    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
