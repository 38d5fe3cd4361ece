using System.Text.Json;
using System.Text.RegularExpressions;

namespace FiberLink.Events.Tests;

public sealed partial class Stored_events_stay_readable
{
    public static TheoryData<string> Files => [.. StoredCorpus.Files];

    public static TheoryData<string> Names => [.. EventContracts.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_stored_reads_and_writes_back_the_same(string file)
    {
        var contract = Assert.Single(StoredCorpus.ContractsOf(file));
        var stored = StoredCorpus.Read(file);

        var read = JsonSerializer.Deserialize(stored, contract.Json);

        Assert.Equal(stored, JsonSerializer.Serialize(read, contract.Json));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Reading_the_same_text_twice_gives_equal_events(string file)
    {
        var contract = Assert.Single(StoredCorpus.ContractsOf(file));
        var stored = StoredCorpus.Read(file);

        Assert.Equal(JsonSerializer.Deserialize(stored, contract.Json), JsonSerializer.Deserialize(stored, contract.Json));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_event_has_a_stored_example(string name) => Assert.Contains($"{name}.json", StoredCorpus.Files);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stored_name_is_its_stream_what_happened_and_a_version(string name) => Assert.Matches(StoredName(), name);

    [Fact]
    public void Every_event_type_has_exactly_one_stored_name()
    {
        var events = typeof(EventContracts).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false, DeclaringType: not null } && t.DeclaringType == t.BaseType)
            .Select(t => t.FullName!);

        Assert.Equal(
            events.Order(StringComparer.Ordinal),
            EventContracts.All.Select(c => c.Json.Type.FullName!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_two_events_share_a_stored_name() =>
        Assert.Equal(EventContracts.All.Count, EventContracts.All.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count());

    /// <summary>The numbers are not stored, but they are in memory, in messages and in other people's switches.</summary>
    [Theory]
    [MemberData(nameof(Enums))]
    public void A_stored_enum_has_no_zero(string name)
    {
        var type = typeof(EventContracts).Assembly.GetType(name)!;

        Assert.DoesNotContain(0, Enum.GetValuesAsUnderlyingType(type).Cast<int>());
    }

    public static TheoryData<string> Enums =>
        [.. typeof(EventContracts).Assembly.GetExportedTypes().Where(t => t.IsEnum).Select(t => t.FullName!)];

    [GeneratedRegex(@"^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*$")]
    private static partial Regex StoredName();
}
