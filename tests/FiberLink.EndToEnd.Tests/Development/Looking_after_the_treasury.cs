using System.Text.Json.Nodes;
using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Crypto;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>treasury</c>, as processes, beside a service that runs with a sandbox chain.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Looking_after_the_treasury
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_asks_for_and_another_agrees_to_is_swept_and_the_books_agree_with_what_is_there()
    {
        var (cold, other) = (NewAddress(), NewAddress());
        await using var folder = new DevFolder
        {
            Settings = new Dictionary<string, string>
            {
                [Names.TreasuryCold] = cold,
                [Names.TreasuryDayMax] = "CKB:1000",
                [Names.TreasuryLookSeconds] = "5",
                [Names.PayoutConfirmations] = "2",
            },
        };
        await using var dev = await folder.StartDevAsync(Ct);
        string[] ann = ["--by", "ann", "--reason", "a good one"];
        string[] bob = ["--by", "bob", "--reason", "agreed"];

        await Eventually.HoldsAsync(
            "the wallet was looked at", async () => (string?)(await OnChainAsync(folder))["seen"] == "1000000", Ct);
        Assert.Contains("no capital booked", await folder.DoAsync(Ct, "treasury", "status"), StringComparison.Ordinal);
        var booking = await AskAsync(folder, ["treasury", "book", "--place", "on-chain", "--amount", "1000000", .. ann]);
        await folder.EndsAsync(1, "whoever asks cannot agree", ["treasury", "approve", booking, .. ann]);
        await folder.EndsAsync(0, "(Booked)", ["treasury", "approve", booking, .. bob]);

        string[] sweep = ["treasury", "sweep", "--to", cold];
        await folder.EndsAsync(2, "is no amount", [.. sweep, "--amount", "1e3", .. ann]);
        await folder.EndsAsync(2, "--reason", [.. sweep, "--amount", "500", "--by", "ann"]);
        await folder.EndsAsync(1, "less than 61 CKB", [.. sweep, "--amount", "60", .. ann]);
        await folder.EndsAsync(1, "budget of a day, 1000 CKB", [.. sweep, "--amount", "1001", .. ann]);
        await folder.EndsAsync(
            1, "not on the list of cold addresses", ["treasury", "sweep", "--to", other, "--amount", "500", .. ann]);

        var cancelled = await AskAsync(folder, [.. sweep, "--amount", "100", .. ann]);
        await folder.EndsAsync(0, $"cancelled: {cancelled}", ["treasury", "cancel", cancelled, .. ann]);
        var id = await AskAsync(folder, [.. sweep, "--amount", "500", .. ann]);
        await folder.EndsAsync(0, $"approved: {id}", ["treasury", "approve", id, .. bob]);
        await Eventually.HoldsAsync(
            "it is complete",
            async () => (string?)(await folder.JsonAsync(Ct, "treasury", "show", id))["stage"] == "Completed",
            Ct);

        var shown = await folder.JsonAsync(Ct, "treasury", "show", id);
        Assert.Equal(
            ["movement.sweep_requested.v1", "movement.approved.v1", "movement.prepared.v1"],
            shown["timeline"]!.AsArray().Take(3).Select(e => (string?)e!["name"]));
        Assert.Equal(("ann", "bob"), ((string?)shown["requestedBy"], (string?)shown["approvedBy"]));
        Assert.Equal(3, (await folder.JsonAsync(Ct, "treasury", "list")).AsArray().Count);
        await Eventually.HoldsAsync(
            "what is there is what the books say",
            async () => await OnChainAsync(folder) is var place
                && (string?)place["seen"] == (string?)place["books"] && (string?)place["difference"] == "0",
            Ct);
        Assert.Equal("500", (string?)(await folder.JsonAsync(Ct, "treasury", "status"))["accounts"]![0]!["cold"]);
        Assert.Contains("Nothing is wrong", await folder.DoAsync(Ct, "treasury", "status"), StringComparison.Ordinal);
    }

    private static string NewAddress()
    {
        using var key = SigningKey.Generate();
        return AddressCodec.Write(ChainParameters.Testnet.LockOf(key.PublicKey), ChainParameters.Testnet);
    }

    private static async Task<JsonNode> OnChainAsync(DevFolder folder) =>
        (await folder.JsonAsync(Ct, "treasury", "status"))["places"]!.AsArray()
            .Single(p => ((string?)p!["place"], (string?)p["asset"]) == ("OnChain", "CKB"))!;

    private static async Task<string> AskAsync(DevFolder folder, string[] arguments) =>
        (string)(await folder.JsonAsync(Ct, arguments))["id"]!;
}
