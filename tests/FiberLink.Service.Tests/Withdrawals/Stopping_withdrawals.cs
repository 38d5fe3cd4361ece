using FiberLink.Chain;
using FiberLink.Chain.Addresses;
using FiberLink.Events.Withdrawals;
using FiberLink.Postgres;
using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Withdrawals.Administration;
using FiberLink.Testing;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>Limits, pauses and denials, as an operator's process sets them beside a service that runs.</summary>
public sealed class Stopping_withdrawals(OneService one) : IClassFixture<OneService>, IAsyncLifetime
{
    // One lock, written as it was once and as it is now.
    private const string OldForm = "ckt1qyqt8xaupvm8837nv3gtc9x0ekkj64vud3jq5t63cs";

    private const string Member = "9";

    private static readonly string FullForm = AddressCodec.Write(
        ((AddressReading.Read)AddressCodec.Read(OldForm, ChainParameters.Testnet)).Lock, ChainParameters.Testnet);

    private readonly OperatorsProcess _operators = new(one.Running);
    private SignedClient _client = null!;

    private RunningService Service => one.Running;

    private PayoutRulesAdministration Rules => _operators.Rules;

    public async ValueTask InitializeAsync() => _client = await Service.NewCommunityAsync();

    public ValueTask DisposeAsync() => _operators.DisposeAsync();

    public static TheoryData<string, string> Stops => new()
    {
        { "all communities", "withdrawals are paused: an alarm" },
        { "the community", "withdrawals are paused: an alarm" },
        { "the asset", "withdrawals are paused: an alarm" },
        { "the member", "withdrawals of this member are stopped; please ask the operators" },
        { "the destination", "withdrawals to this destination are stopped; please ask the operators" },
        { "the destination everywhere", "withdrawals to this destination are stopped; please ask the operators" },
        { "a limit", "withdrawal amount 50 exceeds per-request limit 49" },
        { "whether at all", "asset CKB is not allowed for withdrawals in app {app}" },
    };

    /// <summary>
    /// The head of the log is held until the stop waits for it, and behind the stop the withdrawal, whose decision knew nothing of it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Stops))]
    public async Task What_is_stopped_while_a_withdrawal_commits_stops_it(string what, string says)
    {
        await Service.EarnAsync(_client, Member, "100");
        var invoice = await InvoiceAsync();
        await QuietAsync();

        Task<OperatorAnswer> stop;
        Task<RpcReply> asked;
        await using (var gate = await UnitOfWork.BeginAsync(Service.Database.DataSource, Ct))
        {
            await using (var head = gate.Command("select from event_store.log_head for update"))
            {
                await head.ExecuteNonQueryAsync(Ct);
            }

            stop = StopAsync(what, invoice);
            await WaitingAsync(1);
            asked = _client.WithdrawAsync(Member, "50", invoice, Ct);
            await WaitingAsync(2);
        }

        await stop.IsDoneAsync();
        (await asked).AssertError(-32602, says.Replace("{app}", _client.App, StringComparison.Ordinal));
        Assert.Equal(0, await CountAsync("withdrawals"));
        await LetGoAsync(what, invoice).IsDoneAsync();
        Assert.Equal("PENDING", (await _client.WithdrawAsync(Member, "50", invoice, Ct)).Result.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_stop_over_one_thing_stops_nothing_else()
    {
        var other = await Service.NewCommunityAsync();
        await Service.EarnAsync(_client, Member, "100");
        await Service.EarnAsync(other, Member, "100");
        await Rules.PauseAsync(_client.App, null, "ann", "an alarm", Ct).IsDoneAsync();
        await Rules.DenyAsync(other.App, DenialKind.Member, "somebody else", "ann", "stolen", Ct).IsDoneAsync();

        var quote = await _client.QuoteAsync(Member, "50", await InvoiceAsync(), Ct);

        Assert.False(quote.GetProperty("destinationValid").GetBoolean());
        Assert.Equal("withdrawals are paused: an alarm", quote.GetProperty("validationMessage").GetString());
        Assert.Null((await other.WithdrawAsync(Member, "50", await InvoiceAsync(), Ct)).ErrorCode);
    }

    [Fact]
    public async Task What_is_done_twice_is_recorded_once()
    {
        var events = await EventsAsync();
        await Rules.PauseAsync(_client.App, "CKB", "ann", "an alarm", Ct).IsDoneAsync();
        await Rules.PauseAsync(_client.App, "CKB", "bob", "another", Ct).IsNothingNewAsync();
        await Rules.ResumeAsync(_client.App, null, "bob", "all clear", Ct).IsNothingNewAsync();
        await Rules.ResumeAsync(_client.App, "CKB", "bob", "all clear", Ct).IsDoneAsync();
        await Rules.ResumeAsync(_client.App, "CKB", "bob", "all clear", Ct).IsNothingNewAsync();
        await Rules.SetLimitsAsync(_client.App, "CKB", new() { CooldownSeconds = 60 }, "ann", "a plan", Ct).IsDoneAsync();
        await Rules.SetLimitsAsync(_client.App, "CKB", new() { CooldownSeconds = 60 }, "bob", "a plan", Ct).IsNothingNewAsync();

        Assert.Equal(
            ["payout_control.paused.v1 operator:ann", "payout_control.resumed.v1 operator:bob", "payout_policy.changed.v1 operator:ann"],
            (await EventsAsync()).Skip(events.Count));
    }

    [Fact]
    public async Task Limits_that_are_not_named_stay_and_all_of_them_must_fit_together()
    {
        await Rules.SetLimitsAsync(_client.App, "CKB", new() { RequestMax = 60_00000000, ApprovalAbove = new(5) }, "ann", "a plan", Ct)
            .IsDoneAsync();
        await Rules.SetLimitsAsync(_client.App, "CKB", new() { MemberDayMax = 70_00000000 }, "ann", "a plan", Ct).IsDoneAsync();
        await Rules.SetLimitsAsync(_client.App, "CKB", new() { MemberDayMax = 59_00000000, CooldownSeconds = -1 }, "ann", "a plan", Ct)
            .IsRefusedAsync(
                "The limits would not fit together: request-max is more than member-day-max; cooldown must be 0 to 31536000 seconds.");

        Assert.Equal(
            ["6000000000 7000000000 20000000000000 5 0"],
            await Service.Database.TextsAsync(
                """
                select concat_ws(' ', limits->'requestMax'->>'units', limits->'memberDayMax'->>'units',
                                 limits->'communityDayMax'->>'units', limits->'approvalAbove'->>'units', limits->>'cooldownSeconds')
                  from read_models.payout_policies where tenant_id = $1
                """,
                _client.App));
    }

    [Fact]
    public async Task An_address_is_denied_and_readmitted_in_whatever_form_it_is_written()
    {
        await Rules.DenyAsync(_client.App, DenialKind.Destination, OldForm, "ann", "stolen coins", Ct).IsDoneAsync();
        await Rules.DenyAsync(_client.App, DenialKind.Destination, FullForm, "ann", "stolen coins", Ct).IsNothingNewAsync();

        foreach (var form in (string[])[OldForm, FullForm, FullForm.ToUpperInvariant()])
        {
            (await _client.WithdrawAsync(Member, "61", form, Ct))
                .AssertError(-32602, "withdrawals to this destination are stopped; please ask the operators");
        }

        await Rules.ReadmitAsync(_client.App, DenialKind.Destination, FullForm.ToUpperInvariant(), "ann", "cleared", Ct).IsDoneAsync();
        (await _client.WithdrawAsync(Member, "61", OldForm, Ct)).AssertError(-32602, "Insufficient balance for withdrawal");
    }

    [Fact]
    public async Task An_invoice_in_capital_letters_is_the_one_that_is_denied()
    {
        var invoice = await InvoiceAsync();
        await Rules.DenyAsync(null, DenialKind.Destination, invoice.ToUpperInvariant(), "ann", "stolen coins", Ct).IsDoneAsync();

        foreach (var form in (string[])[invoice, invoice.ToUpperInvariant()])
        {
            (await _client.CallAsync(
                "withdrawal.request",
                new
                {
                    userId = Member,
                    amount = "50",
                    asset = "CKB",
                    destination = new { kind = "PAYMENT_REQUEST", paymentRequest = form },
                },
                Ct)).AssertError(-32602, "withdrawals to this destination are stopped; please ask the operators");
        }
    }

    [Fact]
    public async Task What_would_stop_nothing_is_refused()
    {
        await Rules.DenyAsync(_client.App, DenialKind.Destination, "ckb1qyqt8xaupvm8837nv3gtc9x0ekkj64vud3jqfwyw5v", "ann", "x", Ct)
            .IsRefusedAsync(
                "'ckb1qyqt8xaupvm8837nv3gtc9x0ekkj64vud3jqfwyw5v' is neither an invoice nor an address of the chain that "
                + "FIBERLINK_NETWORK names (ckt1…).");
        await Rules.DenyAsync(_client.App, DenialKind.Member, "", "ann", "x", Ct).IsRefusedAsync("A member's id has 1 to 255 characters.");
        await Rules.PauseAsync("nobody", null, "ann", "x", Ct).IsRefusedAsync("There is no community 'nobody'.");
        await Rules.PauseAsync("@hub", null, "ann", "x", Ct).IsRefusedAsync("There is no community '@hub'.");
        await Rules.PauseAsync(null, "ckb", "ann", "x", Ct).IsRefusedAsync("There is no asset 'ckb' here: CKB.");
        await Rules.SetLimitsAsync("nobody", "CKB", new() { CooldownSeconds = 1 }, "ann", "x", Ct)
            .IsRefusedAsync("There is no community 'nobody'.");
        await Rules.SetLimitsAsync(_client.App, "USDI", new() { CooldownSeconds = 1 }, "ann", "x", Ct)
            .IsRefusedAsync("There is no asset 'USDI' here: CKB.");
        await Rules.PauseAsync(_client.App, null, " ", "x", Ct)
            .IsRefusedAsync("Say who decides it (--by): one line of 1 to 100 characters.");
        await Rules.PauseAsync(_client.App, null, "ann", "", Ct)
            .IsRefusedAsync("Say why (--reason): one line of 1 to 500 characters; it is what others will go by.");
        Assert.Equal(0, await CountAsync("payout_stops"));
    }

    private Task<OperatorAnswer> StopAsync(string what, string invoice) =>
        what switch
        {
            "all communities" => Rules.PauseAsync(null, null, "ann", "an alarm", Ct),
            "the community" => Rules.PauseAsync(_client.App, null, "ann", "an alarm", Ct),
            "the asset" => Rules.PauseAsync(_client.App, "CKB", "ann", "an alarm", Ct),
            "the member" => Rules.DenyAsync(_client.App, DenialKind.Member, Member, "ann", "stolen", Ct),
            "the destination" => Rules.DenyAsync(_client.App, DenialKind.Destination, invoice, "ann", "stolen", Ct),
            "the destination everywhere" => Rules.DenyAsync(null, DenialKind.Destination, invoice, "ann", "stolen", Ct),
            "a limit" => Rules.SetLimitsAsync(_client.App, "CKB", new() { RequestMax = 49_00000000 }, "ann", "a plan", Ct),
            _ => Rules.SetLimitsAsync(_client.App, "CKB", new() { IsAllowed = false }, "ann", "a plan", Ct),
        };

    private Task<OperatorAnswer> LetGoAsync(string what, string invoice) =>
        what switch
        {
            "all communities" => Rules.ResumeAsync(null, null, "ann", "all clear", Ct),
            "the community" => Rules.ResumeAsync(_client.App, null, "ann", "all clear", Ct),
            "the asset" => Rules.ResumeAsync(_client.App, "CKB", "ann", "all clear", Ct),
            "the member" => Rules.ReadmitAsync(_client.App, DenialKind.Member, Member, "ann", "cleared", Ct),
            "the destination" => Rules.ReadmitAsync(_client.App, DenialKind.Destination, invoice, "ann", "cleared", Ct),
            "the destination everywhere" => Rules.ReadmitAsync(null, DenialKind.Destination, invoice, "ann", "cleared", Ct),
            "a limit" => Rules.SetLimitsAsync(_client.App, "CKB", new() { RequestMax = 50_00000000 }, "ann", "a plan", Ct),
            _ => Rules.SetLimitsAsync(_client.App, "CKB", new() { IsAllowed = true }, "ann", "a plan", Ct),
        };

    private Task<string> InvoiceAsync() => Service.Control.Payments.IssueAsync(new(50_00000000), Ct);

    private Task<long> CountAsync(string table) => Service.Database.CountAsync(
        table == "withdrawals"
            ? "select count(*) from read_models.withdrawals where tenant_id = $1"
            : "select count(*) from read_models.payout_stops where tenant_id = $1",
        _client.App);

    private Task<IReadOnlyList<string>> EventsAsync() => Service.Database.TextsAsync(
        "select type || ' ' || user_name from event_store.mt_events where tenant_id = $1 order by seq_id", _client.App);

    /// <summary>Nothing is left to do, so that who waits for the head is who the test has wait for it.</summary>
    private Task QuietAsync() => Eventually.HoldsAsync(
        "no message is due",
        async () => await Service.Database.CountAsync(
            "select count(*) from messaging.waiting where state in ('ready', 'taken') or due_at < clock_timestamp()") == 0,
        Ct);

    private Task WaitingAsync(int sessions) => Eventually.HoldsAsync(
        $"{sessions} wait for the head",
        async () => await Service.Database.CountAsync(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == sessions,
        Ct);
}
