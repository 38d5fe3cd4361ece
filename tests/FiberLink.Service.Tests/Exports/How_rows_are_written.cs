using System.Text.Json.Nodes;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Projections;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Service.Exports;
using FiberLink.Service.Startup;

namespace FiberLink.Service.Tests.Exports;

/// <summary>Whatever a name or a text holds, who reads the file gets it back.</summary>
public sealed class How_rows_are_written
{
    private static readonly DateTimeOffset At = new(2026, 8, 1, 14, 0, 0, 123, 456, TimeSpan.FromHours(2));
    private static readonly Guid Event = Guid.Parse("0199d000-0000-7000-8000-000000000001");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_csv()
    {
        var (rows, text) = await WriteAsync(w => ExportWriters.CsvAsync(Table(), w, Ct));

        Assert.Equal(2, rows);
        Assert.Equal(
            "position,member,at,body\r\n"
            + "7,\"a,\"\"b\"\"\nc\",2026-08-01T12:00:00.123456Z,\"{\"\"x\"\":\"\"é\"\"}\"\r\n"
            + "8,,,\r\n",
            text);
        Assert.Equal((0, "a\r\n"), await WriteAsync(w => ExportWriters.CsvAsync(new(["a"], None()), w, Ct)));
    }

    [Fact]
    public async Task As_lines_of_json()
    {
        var (rows, text) = await WriteAsync(w => ExportWriters.JsonLinesAsync(Table(), w, Ct));

        Assert.Equal(2, rows);
        Assert.Equal(
            """
            {"position":7,"member":"a,\"b\"\nc","at":"2026-08-01T12:00:00.123456Z","body":{"x":"é"}}
            {"position":8,"member":null,"at":null,"body":null}

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public async Task As_books_in_plain_text()
    {
        var entries = new[]
        {
            Entry(Account.MemberAvailable, "alice-9", 150_000_000), Entry(Account.HubChannels, null, -150_000_000),
            Entry(Account.MemberHeld, "ä b", 1) with { Position = 8, EventId = Guid.Parse("0199d000-0000-7000-8000-000000000002") },
        };

        var (rows, text) = await WriteAsync(w => ExportWriters.BeancountAsync(
            entries.ToAsyncEnumerable(), new AssetSettings(Array.Empty<AssetDefinition>()), w, Ct));

        Assert.Equal(3, rows);
        Assert.Equal(
            """
            plugin "beancount.plugins.auto_accounts"

            2026-08-01 * "tip.settled.v1" "tip-1"
              position: 7
              event: "0199d000-0000-7000-8000-000000000001"
              Liabilities:Members:Available:M-alice-9  -1.5 CKB
              Assets:Hub:Channels  1.5 CKB

            2026-08-01 * "tip.settled.v1" "tip-1"
              position: 8
              event: "0199d000-0000-7000-8000-000000000002"
              Liabilities:Members:Held:X-c3a42062  -0.00000001 CKB

            """.ReplaceLineEndings("\n"),
            text);
    }

    private static LedgerEntry Entry(Account account, string? member, Int128 units) =>
        new(7, 0, account, member, Asset.Ckb, units, units, Event, "tip.settled.v1", "tip-1", At);

    private static TableRows Table() => new(
        ["position", "member", "at", "body"],
        new object?[][] { [7L, "a,\"b\"\nc", At, JsonNode.Parse("""{"x":"é"}""")], [8L, null, null, null] }.ToAsyncEnumerable());

    private static IAsyncEnumerable<object?[]> None() => Array.Empty<object?[]>().ToAsyncEnumerable();

    private static async Task<(long Rows, string Text)> WriteAsync(Func<TextWriter, Task<long>> write)
    {
        await using var text = new StringWriter();
        var rows = await write(text);
        return (rows, text.ToString());
    }
}
