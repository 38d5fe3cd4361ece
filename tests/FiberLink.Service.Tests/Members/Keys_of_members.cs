using System.Security.Cryptography;
using FiberLink.Service.Secrets;
using FiberLink.Service.Startup;
using FiberLink.Service.Tests.Scene;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Members;

public sealed class Keys_of_members
{
    private const string App = RunningService.App;

    private readonly MasterKeys _masterKeys = new([RandomNumberGenerator.GetBytes(32)]);

    /// <summary>What was read just before an erasure must not open texts for a minute after it.</summary>
    [Fact]
    public async Task Are_not_remembered_when_they_are_forgotten_while_they_are_read()
    {
        await using var database = await TestDatabase.CreateAsync(Schema.Migrations);
        var clock = new InterruptingClock();
        var keys = new MemberKeys(database.DataSource, _masterKeys, clock);
        var (id, key) = await keys.FindOrMakeAsync(App, "9", Ct);

        clock.Interruption = keys.Forget;
        Assert.Equal(key, (await keys.FindAsync([id], Ct))[id]);
        clock.Interruption = null;
        await database.ExecuteAsync("delete from vault.member_keys");

        Assert.Empty(await keys.FindAsync([id], Ct));
    }

    [Fact]
    public async Task Are_remembered_for_a_minute_unless_they_are_forgotten()
    {
        await using var database = await TestDatabase.CreateAsync(Schema.Migrations);
        var clock = new ManualTime();
        var keys = new MemberKeys(database.DataSource, _masterKeys, clock);
        var (id, _) = await keys.FindOrMakeAsync(App, "9", Ct);
        await keys.FindAsync([id], Ct);
        await database.ExecuteAsync("delete from vault.member_keys");

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Single(await keys.FindAsync([id], Ct));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await keys.FindAsync([id], Ct));
    }

    [Fact]
    public async Task Are_one_for_each_member_however_many_ask_first()
    {
        await using var database = await TestDatabase.CreateAsync(Schema.Migrations);
        var keys = new MemberKeys(database.DataSource, _masterKeys, TimeProvider.System);

        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => keys.FindOrMakeAsync(App, $"{i % 2}", Ct)));

        Assert.Equal(2, made.Select(m => (m.Id, Convert.ToHexString(m.Key))).Distinct().Count());
        Assert.NotEqual(made[0].Id, made[1].Id);
        Assert.Equal(2, await database.CountAsync("select count(*) from vault.member_keys"));
    }

    /// <summary>Has something happen each time that it is looked at.</summary>
    private sealed class InterruptingClock : TimeProvider
    {
        public Action? Interruption { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Interruption?.Invoke();
            return base.GetUtcNow();
        }
    }
}
