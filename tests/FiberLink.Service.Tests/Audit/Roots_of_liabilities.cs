using FiberLink.Projections.AccountBalances;
using FiberLink.Service.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Audit;

/// <summary>What anybody may read of what the hub has published that it owes.</summary>
public sealed class Roots_of_liabilities
{
    [Fact]
    public async Task Come_page_by_page_of_all_communities_and_assets()
    {
        await using var scene = await AuditScene.CreateAsync();
        using var roots = new LiabilityRoots(scene.Book, scene.Tools.GetRequiredService<AccountBalancesQuery>(), scene.Database.DataSource)
        {
            PageMax = 2,
        };
        await scene.GiveAsync("anna", 5);
        await scene.GiveAsync("anna", 6, asset: "USDI");
        Assert.Null(await roots.PageAsync(0, Ct));
        var expected = new List<string>();
        foreach (var asset in new[] { "CKB", "USDI", "CKB" })
        {
            await scene.GiveAsync("anna", 7);
            var published = await scene.PublishAsync(asset);
            expected.Add($"at {published.At} of {published.Body.Position} scope {published.Scope.ToHex()} root {published.Body.Root}");
        }

        await scene.SignAsync();

        var first = (await roots.PageAsync(0, Ct))!.TrimEnd('\n').Split('\n');
        Assert.Equal(expected[..2], first[..2]);
        Assert.Matches(@"^next /audit/liabilities\?after=\d+$", first[2]);
        var rest = await roots.PageAsync(long.Parse(first[2].Split('=')[1], System.Globalization.CultureInfo.InvariantCulture), Ct);
        Assert.Equal($"{expected[2]}\n", rest);
        Assert.DoesNotContain(AuditScene.App, string.Concat(first), StringComparison.Ordinal);
    }
}
