using System.Text.Json;
using System.Text.Json.Nodes;

namespace FiberLink.Events.Tests;

/// <summary>A body that is not exactly what was written is refused: guessing what an event meant is guessing about money.</summary>
public sealed class Reading_is_strict
{
    /// <summary>The only members that may be null.</summary>
    private static readonly string[] Nullable =
    [
        "message", "entry", "member", "units", "notBefore", "paymentHash", "expiresAt", "replaces", "retryAt", "usd", "memberOpenMax",
        "approvalAbove", "asset", "difference",
    ];

    public static TheoryData<string> Files => [.. StoredCorpus.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_member_that_nobody_knows_is_refused_at_any_depth(string file) =>
        EachObject(file, found => found["surprise"] = 1);

    [Theory]
    [MemberData(nameof(Files))]
    public void A_missing_member_is_refused_at_any_depth(string file) =>
        EachMember(file, (parent, name) =>
        {
            parent.Remove(name);
            return true;
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void A_null_is_refused_wherever_there_must_be_something(string file) =>
        EachMember(file, (parent, name) =>
        {
            // Only a reported invoice may leave its units open; those of an amount or a posting are always there. So it is with others.
            var mayBeNull = Nullable.Contains(name) && name switch
            {
                "units" => parent.ContainsKey("paymentHash"),
                "member" => parent.ContainsKey("account"),
                "paymentHash" or "expiresAt" => parent.ContainsKey("text"),
                "entry" => file.StartsWith("tip.suspended.", StringComparison.Ordinal)
                    || file.StartsWith("tip.paid_twice.", StringComparison.Ordinal)
                    || file.StartsWith("movement.attempt_failed.", StringComparison.Ordinal)
                    || file.StartsWith("movement.close_prepared.", StringComparison.Ordinal),
                "difference" => file.StartsWith("tip.paid_twice.", StringComparison.Ordinal),
                "asset" => file.StartsWith("payout_control.", StringComparison.Ordinal),
                _ => true,
            };
            parent[name] = null;
            return !mayBeNull;
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void A_member_in_other_letters_is_refused_at_any_depth(string file) =>
        EachMember(file, (parent, name) =>
        {
            var value = parent[name];
            parent.Remove(name);
            parent[char.ToUpperInvariant(name[0]) + name[1..]] = value;
            return true;
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_that_is_no_such_object_is_no_event(string file)
    {
        Assert.Null(Record.Exception(() => Read(file, StoredCorpus.Read(file))));
        foreach (var body in (string[])["[]", "\"\"", "1", "{}", "", "{", StoredCorpus.Read(file) + "{}"])
        {
            Refused(file, body);
        }
    }

    [Fact]
    public void A_member_said_twice_is_refused() =>
        Refused(
            "tip.expired.v1.json",
            """{"tipId":"01990000-0000-7000-8000-000000000002",""" + StoredCorpus.Read("tip.expired.v1.json")[1..]);

    [Theory]
    [InlineData("ckb")]
    [InlineData("C")]
    [InlineData("")]
    [InlineData(" CKB")]
    [InlineData("1CKB")]
    [InlineData("CKBCKBCKBCKBC")]
    [InlineData("CK\u0412")]
    public void A_code_that_names_no_asset_is_refused(string code) =>
        Refused("tip.requested.v1.json", Changed("tip.requested.v1.json", body => body["amount"]!["asset"] = code));

    [Fact]
    public void An_asset_that_is_no_string_is_refused() =>
        Refused("tip.requested.v1.json", Changed("tip.requested.v1.json", body => body["amount"]!["asset"] = 1));

    [Theory]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("340282366920938463463374607431768211456")]
    public void Units_that_are_no_unsigned_128_bit_number_are_refused(string units) =>
        Refused("tip.requested.v1.json", Changed("tip.requested.v1.json", body => body["amount"]!["units"] = units));

    [Theory]
    [InlineData("tip.cancelled.v1.json", "reason", "NodeSleeps")]
    [InlineData("tip.cancelled.v1.json", "reason", "1")]
    [InlineData("tip.cancelled.v1.json", "reason", "77")]
    [InlineData("tip.cancelled.v1.json", "reason", "nodeReported")]
    [InlineData("tip.cancelled.v1.json", "reason", " NodeReported")]
    [InlineData("tip.cancelled.v1.json", "reason", "NodeReported,NodeRefused")]
    [InlineData("tip.suspended.v1.json", "difference", "Colour")]
    [InlineData("withdrawal.failed.v1.json", "reason", "NobodyKnows")]
    [InlineData("withdrawal.failed.v1.json", "reason", "1")]
    [InlineData("payout_control.denied.v1.json", "kind", "Asset")]
    [InlineData("payout_control.denied.v1.json", "kind", "2")]
    public void A_word_that_is_none_of_the_enums_is_refused(string file, string member, string word) =>
        Refused(file, Changed(file, body => body[member] = word));

    [Theory]
    [InlineData("tip.cancelled.v1.json", "reason")]
    [InlineData("tip.suspended.v1.json", "difference")]
    public void An_enum_written_as_a_number_is_refused(string file, string member)
    {
        Refused(file, Changed(file, body => body[member] = 1));
        Refused(file, Changed(file, body => body[member] = 77));
    }

    [Theory]
    [MemberData(nameof(Stored_events_stay_readable.Enums), MemberType = typeof(Stored_events_stay_readable))]
    public void Every_enum_is_read_and_written_by_name(string name)
    {
        var type = typeof(EventContracts).Assembly.GetType(name)!;

        Assert.Contains(EventContracts.All[0].Json.Options.Converters, c => c.CanConvert(type));
    }

    [Fact]
    public void A_hash_algorithm_that_nobody_knows_is_refused()
    {
        foreach (var algorithm in (JsonNode[])[1, 3, "Md5", "sha256"])
        {
            Refused(
                "tip.requested.v1.json",
                Changed("tip.requested.v1.json", body => body["order"]!["hashAlgorithm"] = algorithm.DeepClone()));
        }
    }

    [Fact]
    public void An_enum_value_that_has_no_name_cannot_be_written()
    {
        var contract = EventContracts.All.Single(c => c.Name == "tip.cancelled.v1");
        var nameless = new Tips.TipEvent.Cancelled(Guid.Empty, (Tips.CancelReason)77, DateTimeOffset.UnixEpoch);

        Assert.Throws<JsonException>(() => JsonSerializer.Serialize(nameless, contract.Json));
    }

    [Theory]
    [InlineData("149999999")]
    [InlineData("150000001")]
    [InlineData("-150000000")]
    [InlineData("0")]
    public void An_entry_that_does_not_balance_cannot_be_read(string units) =>
        Refused("tip.settled.v1.json", Changed("tip.settled.v1.json", body => body["entry"]!["postings"]![0]!["units"] = units));

    [Fact]
    public void An_entry_on_no_account_at_all_cannot_be_read()
    {
        foreach (var nowhere in (JsonNode[])[0, 99, "Nowhere", "hubChannels"])
        {
            Refused(
                "tip.settled.v1.json",
                Changed("tip.settled.v1.json", body => body["entry"]!["postings"]![1]!["account"] = nowhere.DeepClone()));
        }
    }

    [Fact]
    public void An_entry_whose_member_and_account_do_not_go_together_cannot_be_read()
    {
        Refused("tip.settled.v1.json", Changed("tip.settled.v1.json", body => body["entry"]!["postings"]![0]!["member"] = null));
        Refused("tip.settled.v1.json", Changed("tip.settled.v1.json", body => body["entry"]!["postings"]![1]!["member"] = "alice"));
    }

    [Fact]
    public void A_destination_of_no_kind_that_is_known_is_refused()
    {
        foreach (var kind in (JsonNode[])[1, "BankAccount", "ckbAddress"])
        {
            Refused(
                "withdrawal.requested.v1.json",
                Changed("withdrawal.requested.v1.json", body => body["destination"]!["kind"] = kind.DeepClone()));
        }
    }

    [Fact]
    public void A_transaction_that_spends_a_cell_without_a_name_cannot_be_read() =>
        Refused(
            "withdrawal.transaction_prepared.v1.json",
            Changed("withdrawal.transaction_prepared.v1.json", body => body["transaction"]!["inputs"]![0] = null));

    [Fact]
    public void An_entry_with_a_missing_posting_cannot_be_read()
    {
        Refused("tip.settled.v1.json", Changed("tip.settled.v1.json", body => body["entry"]!["postings"]![0] = null));
        Refused("tip.settled.v1.json", Changed("tip.settled.v1.json", body => body["entry"]!["postings"]!.AsArray().RemoveAt(0)));
        Refused("tip.settled.v1.json", Changed("tip.settled.v1.json", body => body["entry"]!["postings"] = new JsonArray()));
    }

    private static void EachObject(string file, Action<JsonObject> spoil)
    {
        var count = Objects(JsonNode.Parse(StoredCorpus.Read(file))!).Count();
        for (var i = 0; i < count; i++)
        {
            var body = JsonNode.Parse(StoredCorpus.Read(file))!;
            spoil(Objects(body).ElementAt(i));
            Refused(file, body.ToJsonString());
        }
    }

    /// <param name="file">The stored body to start from.</param>
    /// <param name="spoil">Changes one member; false when what remains is still an event.</param>
    private static void EachMember(string file, Func<JsonObject, string, bool> spoil)
    {
        var count = Members(JsonNode.Parse(StoredCorpus.Read(file))!).Count();
        Assert.NotEqual(0, count);
        for (var i = 0; i < count; i++)
        {
            var body = JsonNode.Parse(StoredCorpus.Read(file))!;
            var (parent, name) = Members(body).ElementAt(i);
            if (spoil(parent, name))
            {
                Refused(file, body.ToJsonString());
            }
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) =>
        node switch
        {
            JsonObject found => found.SelectMany(p => Objects(p.Value)).Prepend(found),
            JsonArray list => list.SelectMany(Objects),
            _ => [],
        };

    private static IEnumerable<(JsonObject Parent, string Name)> Members(JsonNode node) =>
        Objects(node).SelectMany(o => o.Select(p => (o, p.Key)));

    private static string Changed(string file, Action<JsonNode> change)
    {
        var body = JsonNode.Parse(StoredCorpus.Read(file))!;
        change(body);
        return body.ToJsonString();
    }

    private static void Refused(string file, string body)
    {
        var problem = Record.Exception(() => Read(file, body));

        // The serializer lets pass what the type's own constructor says.
        Assert.True(problem is JsonException or ArgumentException, $"{body} was answered with {problem?.ToString() ?? "an event"}");
    }

    private static object? Read(string file, string body) =>
        JsonSerializer.Deserialize(body, StoredCorpus.ContractsOf(file).Single().Json);
}
