using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FiberLink.Events.Adjustments;
using FiberLink.Events.Money;
using FiberLink.Events.Withdrawals;
using FiberLink.EventStore;
using FiberLink.Projections.TipActivity;
using FiberLink.Service.Adjustments;
using FiberLink.Service.Operations;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Tests.Withdrawals;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Members;

public sealed class Giving_out_what_is_on_record
{
    private const string Member = "alice-ß";
    private const string Friend = "bob";

    [Fact]
    public async Task Has_every_event_that_names_the_member_and_none_that_is_about_others()
    {
        await using var service = await RunningService.StartAsync(new Opening { WithChain = true });
        await using var scene = new MemberScene(service);
        await LiveAsync(service, scene);
        await service.DashboardsAreCurrentAsync();

        var lines = await scene.ExportAsync(Member);
        var given = lines.SelectMany(EventsIn).Select(e => (long)e["position"]!).ToHashSet();
        var log = (await scene.Store.ReadLogAsync(0, 1_000, Ct)).Where(e => e.Position <= (long)lines[^1]["position"]!)
            .Select(e => (e.Position, Names: NamesIn(scene, e))).ToArray();
        var missing = log.Where(e => e.Names.Contains(Member) && !given.Contains(e.Position)).Select(e => e.Position);
        Assert.Empty(missing);
        Assert.DoesNotContain(log, e => e.Names.Contains("carol") && given.Contains(e.Position));

        // It would be no find if the log had named the member nowhere else than in tips.
        Assert.Equal(
            ["adjustment", "balance", "decision", "manifest", "posting", "tip", "withdrawal"],
            lines.Select(l => (string)l["kind"]!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(5, lines.Count(l => (string?)l["kind"] == "decision"));
        Assert.Equal(
            ["withdrawal.requested.v1"],
            EventsIn(lines.Single(l => (string?)l["kind"] == "withdrawal")).Take(1).Select(e => (string?)e["name"]));
    }

    [Fact]
    public async Task Opens_what_the_member_wrote_and_leaves_to_others_what_is_theirs()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        await service.Client.TipAsync(new TipWish(Member, Friend) { Message = "from me" }, Ct);
        await service.Client.TipAsync(new TipWish(Friend, Member) { Message = "from a friend" }, Ct);
        await service.Client.TipAsync(new TipWish(Member, Friend) { Post = "43" }, Ct);
        await service.DashboardsAreCurrentAsync();

        (string?, string?, string?)[] told =
            [("gave", "open", "from me"), ("received", "another member's", null), ("gave", "none", null)];
        Assert.Equal(told, await TipsAsync(scene));
        Assert.DoesNotContain("from a friend", Encoding.UTF8.GetString(scene.Bytes), StringComparison.Ordinal);

        await scene.EraseAsync(Member);
        told[0] = ("gave", "erased", null);
        Assert.Equal(told, await TipsAsync(scene));
        Assert.DoesNotContain("from me", Encoding.UTF8.GetString(scene.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adds_up_and_ends_with_what_it_is_checked_by()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        await service.EarnAsync(service.Client, Member, "1.5");
        await service.EarnAsync(service.Client, Member, "2");

        var lines = await scene.ExportAsync(Member);

        var balance = Assert.Single(lines, l => (string?)l["kind"] == "balance");
        Assert.Equal(("MemberAvailable", "3.5"), ((string?)balance["account"], (string?)balance["amount"]));
        var postings = lines.Where(l => (string?)l["kind"] == "posting").ToArray();
        Assert.Equal(["1.5", "2"], postings.Select(p => (string?)p["amount"]));
        Assert.All(postings, p => Assert.Equal(Member, (string?)p["member"]));

        var manifest = lines[^1];
        Assert.Equal(("manifest", Member), ((string?)manifest["kind"], (string?)manifest["member"]));
        Assert.Equal(await scene.Store.ReadHeadAsync(Ct), (long)manifest["position"]!);
        Assert.Equal("""{"balance":1,"posting":2,"tip":2}""", manifest["lines"]!.ToJsonString());
        var end = scene.Bytes.AsSpan(0, scene.Bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(scene.Bytes.AsSpan(0, end))), (string?)manifest["sha256"]);
    }

    /// <summary>What the read model does not show yet is looked for in the log, and what it shows is not told twice.</summary>
    [Fact]
    public async Task Has_what_no_read_model_shows_yet()
    {
        await using var service = await RunningService.StartAsync();
        await using var scene = new MemberScene(service);
        await service.Client.TipAsync(new TipWish(Member, Friend) { Post = "41" }, Ct);
        await service.DashboardsAreCurrentAsync();
        var projections = scene.Tools.GetRequiredService<ProjectionAdministration>();
        Assert.IsType<ProjectionAnswer.Done>(await projections.PauseAsync(TipActivityProjection.ProjectionName, "olga", "a test", Ct));
        await service.Client.TipAsync(new TipWish(Member, Friend) { Post = "42" }, Ct);
        await service.Client.TipAsync(new TipWish(Friend, Member) { Post = "43" }, Ct);
        await service.Client.TipAsync(new TipWish(Friend, "carol") { Post = "44" }, Ct);

        var tips = (await scene.ExportAsync(Member)).Where(l => (string?)l["kind"] == "tip");

        Assert.Equal(["41", "42", "43"], tips.Select(t => (string?)t["postId"]));
        Assert.Equal(1, await service.Database.CountAsync("select count(*) from read_models.tip_activity"));
    }

    /// <summary>Everything that an event can name a member in.</summary>
    private static async Task LiveAsync(RunningService service, MemberScene scene)
    {
        await service.LimitAsync(RunningService.App, new());
        await service.EarnAsync(service.Client, Member, "200");
        await service.Client.TipAsync(new TipWish(Member, Friend) { Message = "thanks" }, Ct);
        await service.Client.TipAsync(new TipWish("carol", Friend) { Message = "not about alice" }, Ct);

        var address = PaidChain.NewRecipient().Address;
        Assert.Null((await service.Client.WithdrawAsync(Member, "100", address, Ct)).ErrorCode);

        var adjustments = scene.Tools.GetRequiredService<AdjustmentAdministration>();
        var (capital, available) = (new AccountName(Account.HubCapital, null), new AccountName(Account.MemberAvailable, Member));
        var asked = Assert.IsType<AdjustmentAnswer.Done>(await adjustments.RequestAsync(
            RunningService.App, capital, available, new(Asset.Ckb, 7), isNewMember: false, "ann", "why", Ct));
        Assert.IsType<AdjustmentAnswer.Done>(await adjustments.ApproveAsync(asked.AdjustmentId, "bob", "seen", Ct));

        await using var operators = new OperatorsProcess(service);
        await operators.Rules.DenyAsync(RunningService.App, DenialKind.Member, Member, "ann", "a test", Ct).IsDoneAsync();
        await operators.Rules.DenyAsync(null, DenialKind.Member, Member, "ann", "a test", Ct).IsDoneAsync();
        await operators.Rules.DenyAsync(null, DenialKind.Member, "carol", "ann", "a test", Ct).IsDoneAsync();
        await operators.Rules.DenyAsync(RunningService.App, DenialKind.Destination, address, "ann", "a test", Ct).IsDoneAsync();
        await operators.Rules.ReadmitAsync(RunningService.App, DenialKind.Member, Member, "ann", "a test", Ct).IsDoneAsync();
        await scene.EraseAsync(Member);
    }

    private static async Task<(string?, string?, string?)[]> TipsAsync(MemberScene scene) =>
    [
        .. (await scene.ExportAsync(Member)).Where(l => (string?)l["kind"] == "tip")
            .Select(l => ((string?)l["role"], (string?)l["messageIs"], (string?)l["message"])),
    ];

    private static IEnumerable<JsonNode> EventsIn(JsonNode line) =>
        (string?)line["kind"] == "decision" ? [line] : line["events"]?.AsArray().Select(e => e!) ?? [];

    // Every text in the event, wherever it stands.
    private static HashSet<string> NamesIn(MemberScene scene, RecordedEvent e)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(JsonNode.Parse(scene.Tools.GetRequiredService<EventCatalogue>().Write(e.Body).Body));
        return names;

        void Collect(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject o:
                    o.Select(p => p.Value).ToList().ForEach(Collect);
                    break;
                case JsonArray a:
                    a.ToList().ForEach(Collect);
                    break;
                case JsonValue v when v.TryGetValue<string>(out var text):
                    names.Add(text);
                    break;
            }
        }
    }
}
