using FiberLink.EventStore;
using FiberLink.Projections.TipStatus;

namespace FiberLink.Projections.Tests;

public sealed class The_status_of_a_tip(ReadModelsUnderTest models) : IClassFixture<ReadModelsUnderTest>, IAsyncLifetime
{

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await models.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("Issued", TipStage.AwaitingPayment)]
    [InlineData("Issued Received", TipStage.Received)]
    [InlineData("Issued Received Settled", TipStage.Settled)]
    [InlineData("Issued Expired", TipStage.Expired)]
    [InlineData("Issued Cancelled", TipStage.Cancelled)]
    [InlineData("Issued Expired Settled", TipStage.Settled)]
    [InlineData("Issued Suspended", TipStage.Suspended)]
    [InlineData("Refused Issued", TipStage.AwaitingPayment)]
    public async Task Is_found_by_the_invoice_and_says_where_the_tip_stands(string life, TipStage stage)
    {
        var step = new Tip("alice", "bob", 5);
        var atOnce = new Tip("alice", "bob", 5);
        await models.AppendAllAsync([step.Happens(step.Requested), .. Life(step, life).Select(e => step.Happens(e))], Ct);
        await models.AppendAllAsync([atOnce.Happens([atOnce.Requested, .. Life(atOnce, life)])], Ct);

        var query = new TipStatusQuery(models.Database);
        Assert.Equal(new(step.Id, stage, step.Asset), await query.FindAsync("demo", step.Invoice, Ct));
        Assert.Equal(new(atOnce.Id, stage, atOnce.Asset), await query.FindAsync("demo", atOnce.Invoice, Ct));
        Assert.Null(await query.FindAsync("other", step.Invoice, Ct));
        Assert.Null(await query.FindAsync("demo", "fibt1nothing", Ct));
    }

    [Fact]
    public async Task Is_there_as_soon_as_the_tip_is_and_without_an_invoice()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.AppendAllAsync([tip.Happens(tip.Requested)], Ct);

        Assert.Equal(["Requested"], await models.TextsAsync("select stage from read_models.tip_status where invoice is null", Ct));
    }

    [Fact]
    public async Task Belongs_to_one_payment_hash_in_all_communities()
    {
        var tip = new Tip("alice", "bob", 5);
        await models.AppendAllAsync([tip.Happens(tip.Requested)], Ct);

        var result = await models.AppendAsync((tip with { Tenant = "other" }).Happens(tip.Requested), Ct);

        Assert.Equal(new AppendResult.ConstraintBroken("one_tip_per_payment_hash"), result);
    }

    private static IEnumerable<Events.Tips.TipEvent> Life(Tip tip, string life) =>
        life.Split(' ').Select(name => name switch
        {
            "Issued" => tip.Issued,
            "Received" => tip.Received,
            "Settled" => tip.Settled,
            "Expired" => tip.Expired,
            "Cancelled" => tip.Cancelled,
            "Refused" => tip.Refused,
            "Suspended" => tip.Suspended,
            _ => throw new ArgumentException(name, nameof(life)),
        });
}
