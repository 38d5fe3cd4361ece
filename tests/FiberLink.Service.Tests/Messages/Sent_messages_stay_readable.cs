using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FiberLink.Messaging;
using FiberLink.Service.Messages;

namespace FiberLink.Service.Tests.Messages;

/// <summary>
/// A message may wait for longer than a version lives. A body that is not exactly what was sent is refused, never guessed at.
/// </summary>
public sealed partial class Sent_messages_stay_readable
{
    public static TheoryData<string> Files => [.. SentCorpus.Files];

    public static TheoryData<string> Names => [.. SentCorpus.Handlers.Names];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_sent_is_read_and_is_sent_the_same_today(string file)
    {
        var (name, body) = (SentCorpus.NameOf(file), SentCorpus.BodyOf(file));

        var read = SentCorpus.Handlers.Read(name, body);

        Assert.Equal(read, SentCorpus.Handlers.Read(name, body));
        if (SentCorpus.Handlers.Names.Contains(name))
        {
            Assert.Equal(body, SentCorpus.Write(read));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_message_has_an_example_that_was_sent(string name) => Assert.Contains($"{name}.json", SentCorpus.Files);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_what_is_to_be_done_or_was_seen_and_a_version(string name) => Assert.Matches(SentName(), name);

    [Fact]
    public void Every_message_type_has_a_handler()
    {
        var types = typeof(InvoiceObserved).Assembly.GetTypes()
            .Select(t => t.GetProperty("Type", BindingFlags.Public | BindingFlags.Static)?.PropertyType)
            .Where(t => t is { IsGenericType: true } && t.GetGenericTypeDefinition() == typeof(MessageType<>))
            .Select(t => t!.GetGenericArguments()[0].Name);

        Assert.Equal(
            types.Order(StringComparer.Ordinal),
            SentCorpus.Handlers.Names
                .Select(n => SentCorpus.Handlers.Read(n, SentCorpus.BodyOf($"{n}.json")).GetType().Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_member_that_nobody_knows_is_refused_at_any_depth(string file) =>
        EachMember(file, (parent, name) =>
        {
            parent[$"{name}2"] = 1;
            return true;
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void A_missing_member_is_refused_at_any_depth(string file) => EachMember(file, (parent, name) => parent.Remove(name));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_null_is_refused_wherever_there_must_be_something(string file) =>
        EachMember(file, (parent, name) =>
        {
            parent[name] = null;
            return name is not ("asset" or "units" or "doubt" or "block" or "spentSince");
        });

    [Theory]
    [InlineData("\"paid\"")]
    [InlineData("\"Paid,Expired\"")]
    [InlineData("\"Lost\"")]
    [InlineData("\"2\"")]
    [InlineData("2")]
    public void A_word_that_is_none_of_the_enums_is_refused(string status)
    {
        const string file = "invoice-observed.v1.json";
        Refused(file, SentCorpus.BodyOf(file).Replace("\"Paid\"", status, StringComparison.Ordinal));
    }

    private static void EachMember(string file, Func<JsonObject, string, bool> spoil)
    {
        var count = Members(JsonNode.Parse(SentCorpus.BodyOf(file))!).Count();
        Assert.NotEqual(0, count);
        for (var i = 0; i < count; i++)
        {
            var body = JsonNode.Parse(SentCorpus.BodyOf(file))!;
            var (parent, name) = Members(body).ElementAt(i);
            if (spoil(parent, name))
            {
                Refused(file, body.ToJsonString());
            }
        }
    }

    private static IEnumerable<(JsonObject Parent, string Name)> Members(JsonNode? node) =>
        node is JsonObject found ? found.SelectMany(p => Members(p.Value).Prepend((found, p.Key))) : [];

    private static void Refused(string file, string body) =>
        Assert.Throws<CannotBeHandledException>(() => SentCorpus.Handlers.Read(SentCorpus.NameOf(file), body));

    [GeneratedRegex(@"^[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$")]
    private static partial Regex SentName();
}
