using FiberLink.Chain.Node;
using FiberLink.Chain.Transactions;
using FiberLink.Testing;

namespace FiberLink.Chain.Tests.Node;

public sealed class Sending_a_transaction : IDisposable
{
    private static readonly Transaction Any = new RandomChain(21).Transaction(2);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task That_is_taken_is_in_the_pool()
    {
        await using var node = new RawCkbNode("result", $"\"{Any.Hash()}\"");

        Assert.Equal(new SendOutcome.InPool(WasThere: false), await node.Client(_http).SendTransactionAsync(Any, Ct));
        var call = Assert.Single(node.Calls);
        Assert.Equal(
            ("send_transaction", CkbJson.Of(Any).ToJsonString(), "passthrough"),
            ((string?)call["method"], call["params"]![0]!.ToJsonString(), (string?)call["params"]![1]));
    }

    [Theory]
    [InlineData(-301, "TransactionFailedToResolve: Resolve failed Dead(OutPoint(0x00))", SendRefusal.InputDead)]
    [InlineData(-301, "TransactionFailedToResolve: Resolve failed Unknown(OutPoint(0x00))", SendRefusal.InputUnknown)]
    [InlineData(-302, "TransactionFailedToVerify: Verification failed Script(TransactionScriptError)", SendRefusal.Invalid)]
    [InlineData(-1102, "PoolRejectedTransactionByOutputsValidator: x", SendRefusal.Invalid)]
    [InlineData(-1104, "PoolRejectedTransactionByMinFeeRate: x", SendRefusal.FeeTooLow)]
    [InlineData(-1105, "PoolRejectedTransactionByMaxAncestorsCountLimit: x", SendRefusal.TooManyAncestors)]
    [InlineData(-1106, "PoolIsFull: x", SendRefusal.PoolFull)]
    [InlineData(-1108, "PoolRejectedMalformedTransaction: x", SendRefusal.Invalid)]
    [InlineData(-1109, "TransactionExpired: x", SendRefusal.Expired)]
    [InlineData(-1110, "PoolRejectedTransactionBySizeLimit: x", SendRefusal.TooLarge)]
    [InlineData(-1111, "PoolRejectedRBF: x", SendRefusal.Conflict)]
    [InlineData(-1112, "PoolRejectedInvalidated: x", SendRefusal.Conflict)]
    [InlineData(-32602, "Invalid params", SendRefusal.Invalid)]
    [InlineData(-32601, "Method not found", SendRefusal.Other)]
    public async Task That_is_refused_has_the_reason_by_its_code(int code, string message, SendRefusal expected)
    {
        await using var node = Refusing(code, message);

        Assert.Equal(new SendOutcome.Refused(expected, message), await node.Client(_http).SendTransactionAsync(Any, Ct));
    }

    [Theory]
    [InlineData(-1107, "PoolRejectedDuplicatedTransaction: x", true)]
    [InlineData(-101, "P2PFailedToBroadcast: x", false)]
    public async Task That_is_in_the_pool_all_the_same_is_no_failure(int code, string message, bool wasThere)
    {
        await using var node = Refusing(code, message);

        Assert.Equal(new SendOutcome.InPool(wasThere), await node.Client(_http).SendTransactionAsync(Any, Ct));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-200)]
    [InlineData(-32603)]
    [InlineData(-5000)]
    public async Task In_the_midst_of_a_nodes_own_fault_nobody_knows(int code)
    {
        await using var node = Refusing(code, "CKBInternalError: x");

        Assert.IsType<SendOutcome.NotKnown>(await node.Client(_http).SendTransactionAsync(Any, Ct));
    }

    [Fact]
    public async Task When_nobody_listens_it_was_not_sent()
    {
        await using var node = new RawCkbNode("result", "null");
        node.StopListening();

        Assert.IsType<SendOutcome.NotSent>(await node.Client(_http).SendTransactionAsync(Any, Ct));
        Assert.Equal(
            ChainFailure.Unreachable,
            Assert.IsType<ChainAnswer<ulong>.Failed>(await node.Client(_http).GetTipNumberAsync(Ct)).Failure);
    }

    [Fact]
    public async Task Whatever_garbage_comes_back_nobody_knows()
    {
        byte[][] answers =
        [
            [],
            [1, 2, 3],
            RawCkbNode.Response(""),
            RawCkbNode.Response("not json"),
            RawCkbNode.Response("[]"),
            RawCkbNode.Response("""{"jsonrpc":"2.0","id":1}"""),
            RawCkbNode.Response("""{"jsonrpc":"1.0","id":1,"result":"0x00"}"""),
            RawCkbNode.Response($$"""{"jsonrpc":"2.0","id":2,"result":"{{Any.Hash()}}"}"""),
            RawCkbNode.Response($$"""{"jsonrpc":"2.0","id":1,"result":"{{default(Bytes32)}}"}"""),
            RawCkbNode.Response("""{"jsonrpc":"2.0","id":1,"result":null}"""),
            RawCkbNode.Response("""{"jsonrpc":"2.0","id":1,"error":{"message":"no code"}}"""),
            RawCkbNode.Response("""{"jsonrpc":"2.0","id":1,"error":{"code":-1107.5,"message":"no code"}}"""),
            RawCkbNode.Response("busy", "503 Service Unavailable"),
            RawCkbNode.Response($$"""{"jsonrpc":"2.0","id":1,"result":"{{Any.Hash()}}"}""")[..^5],
        ];

        foreach (var (i, answer) in answers.Index())
        {
            await using var node = new RawCkbNode(_ => answer);
            var outcome = await node.Client(_http).SendTransactionAsync(Any, Ct);
            Assert.True(outcome is SendOutcome.NotKnown, $"{i}: {outcome}");
        }
    }

    [Fact]
    public async Task After_the_deadline_nobody_knows()
    {
        var time = new ManualTime();
        await using var node = new RawCkbNode(_ => null);

        var sending = node.Client(_http, time).SendTransactionAsync(Any, Ct);
        await Eventually.HoldsAsync("the node has the call", () => Task.FromResult(node.Calls.Count == 1), Ct);
        time.Advance(TimeSpan.FromSeconds(15));

        Assert.IsType<SendOutcome.NotKnown>(await sending);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_thrown()
    {
        await using var node = new RawCkbNode(_ => null);
        using var cancelling = new CancellationTokenSource();

        var sending = node.Client(_http).SendTransactionAsync(Any, cancelling.Token);
        await Eventually.HoldsAsync("the node has the call", () => Task.FromResult(node.Calls.Count == 1), Ct);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    private static RawCkbNode Refusing(int code, string message) => new("error", $$"""{"code":{{code}},"message":"{{message}}"}""");
}
