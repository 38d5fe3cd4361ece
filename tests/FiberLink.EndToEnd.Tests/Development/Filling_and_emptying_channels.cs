using System.Text.Json.Nodes;
using FiberLink.Crypto;
using FiberLink.EndToEnd.Tests.Processes;
using FiberLink.EndToEnd.Tests.Serving;
using FiberLink.Testing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.EndToEnd.Tests.Development;

/// <summary><c>treasury to-channel</c> and <c>to-chain</c>, as processes, beside a service with a sandbox node and chain.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Filling_and_emptying_channels(Filling_and_emptying_channels.RunningDev dev)
    : IClassFixture<Filling_and_emptying_channels.RunningDev>
{
    private static readonly string[] Ann = ["--by", "ann", "--reason", "invoices wait"];
    private static readonly string[] Bob = ["--by", "bob", "--reason", "agreed"];

    private readonly DevFolder _folder = dev.Folder;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_two_agree_to_goes_into_a_channel_and_comes_out_of_it_and_the_books_tell_of_both()
    {
        var opening = await AskAsync(["treasury", "to-channel", "--peer", dev.Peer, "--amount", "500", .. Ann]);
        await _folder.EndsAsync(1, "whoever asks cannot agree", ["treasury", "approve", opening, .. Ann]);
        await _folder.EndsAsync(0, $"approved: {opening}", ["treasury", "approve", opening, .. Bob]);
        var opened = await IsAsync("Completed", opening);
        Assert.Equal(
            ("ToChannel", dev.Peer, "500", "ann", "bob"),
            ((string?)opened["kind"], (string?)opened["to"], (string?)opened["amount"], (string?)opened["requestedBy"],
                (string?)opened["approvedBy"]));
        Assert.Equal(
            ["movement.opening_requested.v1", "movement.approved.v1", "movement.funding_prepared.v1"],
            opened["timeline"]!.AsArray().Take(3).Select(e => (string?)e!["name"]));
        Assert.Equal("99", await KeptBackAsync());
        var channel = Assert.Single(await ChannelsAsync(), c => (string?)c["remoteUnits"] == "0");
        Assert.Equal("40100000000", (string?)channel["localUnits"]);

        var closing = await AskAsync(["treasury", "to-chain", "--channel", (string)channel["channelId"]!, .. Ann]);
        await _folder.EndsAsync(0, $"approved: {closing}", ["treasury", "approve", closing, .. Bob]);
        var closed = await IsAsync("Completed", closing);
        Assert.Equal(("ToChain", (string?)channel["channelId"]), ((string?)closed["kind"], (string?)closed["to"]));
        Assert.Contains("out of a channel", await _folder.DoAsync(Ct, "treasury", "show", closing), StringComparison.Ordinal);
        Assert.Equal("0", await KeptBackAsync());
        Assert.Equal("Closed", (string?)(await ChannelsAsync()).Single(c => (string?)c["channelId"] == (string?)closed["to"])["stage"]);
        Assert.Superset(
            new HashSet<string> { opening, closing },
            (await _folder.JsonAsync(Ct, "treasury", "list", "--state", "completed")).AsArray().Select(m => (string)m!["id"]!).ToHashSet());
    }

    [Fact]
    public async Task What_cannot_be_is_refused_where_it_is_asked_for_or_said_by_show()
    {
        using var key = SigningKey.Generate();
        string[] toChannel = ["treasury", "to-channel", "--peer", dev.Peer];
        await _folder.EndsAsync(1, "66 hexadecimal digits", ["treasury", "to-channel", "--peer", "02ab", "--amount", "500", .. Ann]);
        await _folder.EndsAsync(
            1, $"not on the list ({Names.TreasuryPeers})",
            ["treasury", "to-channel", "--peer", key.PublicKey.ToString(), "--amount", "500", .. Ann]);
        await _folder.EndsAsync(1, "more than 99 CKB", [.. toChannel, "--amount", "99", .. Ann]);
        await _folder.EndsAsync(1, "budget of a day, 1000 CKB", [.. toChannel, "--amount", "1000.5", .. Ann]);
        await _folder.EndsAsync(2, "is no amount", [.. toChannel, "--amount", "1e3", .. Ann]);
        await _folder.EndsAsync(2, "--by", [.. toChannel, "--amount", "500", "--reason", "mine"]);
        await _folder.EndsAsync(1, "0x and 64 hexadecimal digits", ["treasury", "to-chain", "--channel", "12", .. Ann]);

        // Only the service asks the node what channels there are.
        var unknown = await AskAsync(["treasury", "to-chain", "--channel", $"0x{new string('7', 64)}", .. Ann]);
        await _folder.EndsAsync(0, "approved", ["treasury", "approve", unknown, .. Bob]);
        Assert.Contains("no such channel", (string?)(await IsAsync("Failed", unknown))["lastError"], StringComparison.Ordinal);
        await _folder.EndsAsync(1, "It is over: Failed", ["treasury", "cancel", unknown, .. Bob]);
    }

    private async Task<string> AskAsync(string[] arguments) => (string)(await _folder.JsonAsync(Ct, arguments))["id"]!;

    private async Task<JsonNode> IsAsync(string stage, string id)
    {
        JsonNode? shown = null;
        await Eventually.HoldsAsync(
            $"movement {id} is {stage}",
            async () => (string?)(shown = await _folder.JsonAsync(Ct, "treasury", "show", id))["stage"] == stage,
            Ct);
        return shown!;
    }

    private async Task<string?> KeptBackAsync() =>
        (string?)(await _folder.JsonAsync(Ct, "treasury", "status"))["accounts"]!.AsArray()
            .Single(a => (string?)a!["asset"] == "CKB")!["keptBack"];

    private async Task<IEnumerable<JsonNode>> ChannelsAsync() =>
        (await _folder.JsonAsync(Ct, "node", "channels", "--closed")).AsArray().Select(c => c!);

    /// <summary>One <c>dev</c> for both tests, with a peer on the list and a budget of 1,000 CKB.</summary>
    public sealed class RunningDev : IAsyncLifetime
    {
        private RunningProcess? _process;
        private DevFolder? _folder;

        internal DevFolder Folder => _folder!;

        /// <summary>The one that is on the list.</summary>
        internal string Peer { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Peer = await NodeHand.PeerOfSandboxAsync(CancellationToken.None);
            _folder = new()
            {
                Settings = new Dictionary<string, string>
                {
                    [Names.TreasuryPeers] = Peer,
                    [Names.TreasuryDayMax] = "CKB:1000",
                    [Names.PayoutConfirmations] = "2",
                },
            };
            _process = await Folder.StartDevAsync(CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            if (_process is not null)
            {
                await _process.DisposeAsync();
            }

            if (_folder is not null)
            {
                await _folder.DisposeAsync();
            }
        }
    }
}
