using System.Text.Json.Nodes;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests.Sandbox;

/// <summary>With the codes and the words of real nodes, which the client takes for what they mean.</summary>
public sealed class The_sandbox_chain_refuses
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_that_a_block_has_spent()
    {
        await using var scene = await FundedAsync();
        var (first, second) = (await scene.PayAsync(100, Ct), await scene.PayAsync(110, Ct));
        await scene.SendAsync(first, Ct);
        await scene.Control.MineAsync(3, Ct);

        Assert.Equal(
            (-301, $"TransactionFailedToResolve: Resolve failed Unknown(OutPoint({Text(second.Inputs[0].PreviousOutput)}))"),
            await ErrorAsync(scene, second));
        Assert.Equal(SendRefusal.InputUnknown, (await scene.RefusedAsync(second, Ct)).Reason);
        var told = Assert.IsType<TransactionState.Rejected>(await scene.StateAsync(second, Ct));
        Assert.Contains("Resolve failed", told.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_the_pool_spends_where_nothing_is_replaced()
    {
        await using var scene = await FundedAsync(replacingRate: null);
        var (first, second) = (await scene.PayAsync(100, Ct), await scene.PayAsync(110, Ct));
        await scene.SendAsync(first, Ct);

        Assert.Equal(
            (-301, $"TransactionFailedToResolve: Resolve failed Dead(OutPoint({Text(second.Inputs[0].PreviousOutput)}))"),
            await ErrorAsync(scene, second));
        Assert.Equal(SendRefusal.InputDead, (await scene.RefusedAsync(second, Ct)).Reason);
    }

    [Fact]
    public async Task A_replacement_that_does_not_pay_enough_and_takes_one_that_does()
    {
        await using var scene = await FundedAsync();
        var (first, second) = (await scene.PayAsync(100, Ct), await scene.PayAsync(110, Ct));
        var better = await scene.PayAsync(110, Ct, fee: new(4000, ChainScene.Coin));
        await scene.SendAsync(first, Ct);

        Assert.Equal(SendRefusal.Conflict, (await scene.RefusedAsync(second, Ct)).Reason);
        var (code, message) = await ErrorAsync(scene, second);
        Assert.Equal(-1111, code);
        Assert.StartsWith("PoolRejectedRBF: RBF rejected: Tx's current fee is ", message, StringComparison.Ordinal);
        await scene.SendAsync(better, Ct);

        var told = Assert.IsType<TransactionState.Rejected>(await scene.StateAsync(first, Ct));
        Assert.Contains(better.Hash().ToHex(), told.Reason, StringComparison.Ordinal);
        Assert.Equal([better.Hash()], (await scene.Control.StateAsync(Ct)).Pool);
    }

    [Fact]
    public async Task A_fee_below_the_least()
    {
        await using var scene = await FundedAsync();
        var cheap = await scene.PayAsync(100, Ct, fee: new(900, ChainScene.Coin));

        Assert.Equal(SendRefusal.FeeTooLow, (await scene.RefusedAsync(cheap, Ct)).Reason);
        var (code, message) = await ErrorAsync(scene, cheap);
        Assert.Equal(-1104, code);
        Assert.StartsWith(
            "PoolRejectedTransactionByMinFeeRate: The min fee rate is 1000 shannons/KW, ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_that_is_of_another_key_or_of_something_else_or_missing()
    {
        await using var scene = await FundedAsync();
        using var other = SigningKey.Generate();
        var paid = await scene.PayAsync(100, Ct);
        var digest = Sighash.Digest(paid, [0]).ToBytes();
        (Transaction Transaction, string Code)[] wrong =
        [
            (Sighash.WithSignature(paid, 0, other.Sign(digest)), "code -31 "),
            (Sighash.WithSignature(paid, 0, scene.Key.Sign(new byte[32])), "code -31 "),
            (Sighash.WithSignature(paid, 0, RecoverableSignature.FromBytes(new byte[65])), "code -11 "),
            (paid with { Witnesses = [] }, "code -22 "),
            (paid with { CellDeps = [] }, "ScriptNotFound"),
            (paid with { Outputs = paid.Outputs.SetItem(0, paid.Outputs[0] with { Lock = scene.Wallet }) }, "code -31 "),
        ];

        foreach (var (transaction, code) in wrong)
        {
            var refused = await scene.RefusedAsync(transaction, Ct);
            Assert.Equal(SendRefusal.Invalid, refused.Reason);
            Assert.StartsWith(
                "TransactionFailedToVerify: Verification failed Script(TransactionScriptError { source: Inputs[0].Lock",
                refused.Detail,
                StringComparison.Ordinal);
            Assert.Contains(code, refused.Detail, StringComparison.Ordinal);
        }

        await scene.SendAsync(paid, Ct);
    }

    [Fact]
    public async Task What_makes_coins_or_breaks_a_rule_of_all_transactions()
    {
        await using var scene = await FundedAsync();
        var paid = await scene.PayAsync(100, Ct);
        var input = paid.Inputs[0];
        (Transaction Transaction, string Words)[] wrong =
        [
            (WithCapacity(paid, 1000 * ChainScene.Coin), "OutputsSumOverflow"),
            (WithCapacity(paid, 60 * ChainScene.Coin), "InsufficientCellCapacity(Outputs[0])"),
            (paid with { Version = 1 }, "MismatchedVersion"),
            (paid with { Outputs = [], OutputsData = [] }, "Empty(Outputs)"),
            (paid with { Inputs = [] }, "Empty(Inputs)"),
            (paid with { Inputs = [input, input] }, "Dead("),
            (paid with { Inputs = [input with { Since = 1 }] }, "Immature"),
            (paid with { Inputs = [new(new(default, uint.MaxValue))] }, "Malformed cellbase like transaction"),
            (paid with { Inputs = [new(new(new RandomChain(5).Hash(), 0))] }, "Unknown("),
            (paid with { CellDeps = paid.CellDeps.AddRange(paid.CellDeps) }, "DuplicateCellDeps"),
            (paid with { CellDeps = paid.CellDeps.Add(new(new RandomChain(5).OutPoint(), CellDepType.Code)) }, "Unknown("),
            (paid with { Witnesses = paid.Witnesses.Add(ByteString.From(new byte[512_000])) }, "exceeded maximum limit 512000"),
        ];

        foreach (var (transaction, words) in wrong)
        {
            Assert.Contains(words, (await scene.RefusedAsync(transaction, Ct)).Detail, StringComparison.Ordinal);
        }

        Assert.Empty((await scene.Control.StateAsync(Ct)).Pool);
    }

    [Fact]
    public async Task Outputs_that_wallets_do_not_make_unless_the_client_asks_for_it()
    {
        await using var scene = await FundedAsync();
        var paid = await scene.PayAsync(100, Ct);
        var odd = WithLock(paid, new RandomChain(7).Script());

        var answer = await scene.CallAsync("send_transaction", [CkbJson.Of(odd)], Ct);

        Assert.Equal(-1102, (int)answer["error"]!["code"]!);
    }

    [Fact]
    public async Task What_it_cannot_read_and_what_it_does_not_know()
    {
        await using var scene = await FundedAsync();

        Assert.Equal(-32601, await CodeAsync("get_nothing"));
        Assert.Equal(-32602, await CodeAsync("get_transaction", "0x12"));
        Assert.Equal(-32602, await CodeAsync("get_block_hash", "12"));
        Assert.Equal(-32602, await CodeAsync("send_transaction", new JsonObject()));
        Assert.Equal(-32602, await CodeAsync("get_cells", 7));
        Assert.Null((await scene.CallAsync("get_block_hash", ["0xffff"], Ct))["result"]);

        async Task<int> CodeAsync(string method, params JsonNode[] parameters) =>
            (int)(await scene.CallAsync(method, [.. parameters], Ct))["error"]!["code"]!;
    }

    private static async Task<ChainScene> FundedAsync(ulong? replacingRate = 1500)
    {
        var scene = await ChainScene.StartAsync(Ct, replacingRate: replacingRate);
        await scene.Control.FundAsync(scene.Wallet, 500 * ChainScene.Coin, 1, Ct);
        return scene;
    }

    private static async Task<(int Code, string Message)> ErrorAsync(ChainScene scene, Transaction transaction)
    {
        var error = (await scene.CallAsync("send_transaction", [CkbJson.Of(transaction), "passthrough"], Ct))["error"]!;
        return ((int)error["code"]!, (string)error["message"]!);
    }

    private static string Text(OutPoint outPoint) => ByteString.From(outPoint.ToMolecule()).ToString();

    private static Transaction WithCapacity(Transaction transaction, ulong capacity) =>
        transaction with { Outputs = transaction.Outputs.SetItem(0, transaction.Outputs[0] with { Capacity = capacity }) };

    private static Transaction WithLock(Transaction transaction, Script owner) =>
        transaction with { Outputs = transaction.Outputs.SetItem(0, transaction.Outputs[0] with { Lock = owner }) };
}
