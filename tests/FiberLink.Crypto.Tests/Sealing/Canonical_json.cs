using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FiberLink.Crypto.Sealing;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.Crypto.Tests.Sealing;

public sealed class Canonical_json
{
    // RFC 8785, appendix B.
    public static TheoryData<string, string> Numbers { get; } = new()
    {
        { "0000000000000000", "0" },
        { "8000000000000000", "0" },
        { "0000000000000001", "5e-324" },
        { "8000000000000001", "-5e-324" },
        { "7fefffffffffffff", "1.7976931348623157e+308" },
        { "ffefffffffffffff", "-1.7976931348623157e+308" },
        { "4340000000000000", "9007199254740992" },
        { "c340000000000000", "-9007199254740992" },
        { "4430000000000000", "295147905179352830000" },
        { "44b52d02c7e14af5", "9.999999999999997e+22" },
        { "44b52d02c7e14af6", "1e+23" },
        { "44b52d02c7e14af7", "1.0000000000000001e+23" },
        { "444b1ae4d6e2ef4e", "999999999999999700000" },
        { "444b1ae4d6e2ef4f", "999999999999999900000" },
        { "444b1ae4d6e2ef50", "1e+21" },
        { "3eb0c6f7a0b5ed8c", "9.999999999999997e-7" },
        { "3eb0c6f7a0b5ed8d", "0.000001" },
        { "41b3de4355555553", "333333333.3333332" },
        { "41b3de4355555554", "333333333.33333325" },
        { "41b3de4355555555", "333333333.3333333" },
        { "41b3de4355555556", "333333333.3333334" },
        { "41b3de4355555557", "333333333.33333343" },
        { "becbf647612f3696", "-0.0000033333333333333333" },
        { "43143ff3c1cb0959", "1424953923781206.2" },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Numbers_are_written_as_the_rfc_s_examples_are(string bits, string expected)
    {
        var value = BitConverter.Int64BitsToDouble(Convert.ToInt64(bits, 16));

        Assert.Equal(expected, Form(value.ToString("E20", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_rfc_s_document_has_the_rfc_s_form() =>
        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Form(
                """
                {
                  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                  "literals": [null, true, false]
                }
                """));

    [Fact]
    public void Names_are_sorted_by_utf16_units_as_in_the_rfc_s_example() =>
        Assert.Equal(
            ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
                "Hebrew Letter Dalet With Dagesh"],
            JsonNode.Parse(Form(
                """
                {
                  "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
                  "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
                }
                """))!.AsObject().Select(m => m.Value!.GetValue<string>()));

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""["\ud800"]""")]
    [InlineData("1e999")]
    [InlineData("1 2")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("01")]
    public void What_has_no_one_form_is_refused(string json) => Assert.ThrowsAny<FormatException>(() => Form(json));

    [Theory]
    [InlineData("9007199254740993")]
    [InlineData("0.1000000000000000055")]
    [InlineData("1.0")]
    [InlineData("1.50")]
    [InlineData("1e-400")]
    [InlineData("340282366920938463463374607431768211455")]
    public void A_number_that_would_be_another_one_is_refused_where_that_is_asked_for(string number)
    {
        Assert.Throws<FormatException>(() => CanonicalJson.OfExact(Encoding.UTF8.GetBytes($"[{number}]")));
        Form($"[{number}]");
    }

    [Theory]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("1000000000000000000000", "1e+21")]
    [InlineData("1E+21", "1e+21")]
    [InlineData("0.00000015", "1.5e-7")]
    [InlineData("1.5E-7", "1.5e-7")]
    [InlineData("-0", "0")]
    [InlineData("-12", "-12")]
    public void A_number_has_one_form_however_a_database_writes_it(string number, string form) =>
        Assert.Equal(form, Encoding.UTF8.GetString(CanonicalJson.OfExact(Encoding.UTF8.GetBytes(number))));

    [Fact]
    public void Any_document_has_one_form_whatever_the_order_of_its_names() =>
        Prop.ForAll(
            Documents().ToArbitrary(),
            document =>
            {
                var form = Form(document.ToJsonString());
                Assert.Equal(form, Form(Reversed(document)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
                Assert.Equal(form, Form(form));
                Assert.True(JsonNode.DeepEquals(document, JsonNode.Parse(form)));
            })
            .QuickCheckThrowOnFailure();

    private static string Form(string json) => Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(json)));

    private static Gen<JsonNode> Documents() =>
        Gen.Sized(size => Document(Math.Min(size, 20)));

    private static Gen<JsonNode> Document(int size)
    {
        var text = ArbMap.Default.GeneratorFor<NonNull<string>>().Where(s => IsWhole(s.Get)).Select(s => s.Get);
        var leaf = Gen.OneOf(
            text.Select(s => (JsonNode)JsonValue.Create(s)!),
            ArbMap.Default.GeneratorFor<int>().Select(n => (JsonNode)JsonValue.Create(n)),
            ArbMap.Default.GeneratorFor<bool>().Select(b => (JsonNode)JsonValue.Create(b)));
        if (size == 0)
        {
            return leaf;
        }

        var items = Document(size / 3).ArrayOf().Resize(4);
        return Gen.OneOf(
            leaf,
            items.Select(i => (JsonNode)new JsonArray([.. i.Select(n => n.DeepClone())])),
            items.Zip(text.ArrayOf().Resize(4)).Select(p =>
                (JsonNode)new JsonObject(p.Item2.Distinct(StringComparer.Ordinal).Zip(p.Item1, (name, value) =>
                    KeyValuePair.Create(name, (JsonNode?)value.DeepClone())))));
    }

    private static bool IsWhole(string text) =>
        text.EnumerateRunes().All(r => r != Rune.ReplacementChar);

    private static JsonNode? Reversed(JsonNode? node) =>
        node switch
        {
            JsonObject o => new JsonObject(o.Reverse().Select(m => KeyValuePair.Create(m.Key, Reversed(m.Value)))),
            JsonArray a => new JsonArray([.. a.Select(Reversed)]),
            null => null,
            _ => node.DeepClone(),
        };
}
