using System.Text.Json.Nodes;
using FiberLink.Chain.Addresses;
using FiberLink.Chain.Node;
using FiberLink.Chain.Signing;
using FiberLink.Chain.Transactions;

namespace FiberLink.Chain.Tests;

/// <summary>Thousands of random cases, asked of <c>@ckb-ccc/core</c>.</summary>
public sealed class Another_implementation_agrees(CkbReference reference) : IClassFixture<CkbReference>
{
    private static readonly ChainParameters[] Chains = [ChainParameters.Mainnet, ChainParameters.Testnet];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_every_address_that_we_write()
    {
        var random = new RandomChain(1);
        var cases = Enumerable.Range(0, 4000).Select(i => (Chain: Chains[i % 2], Script: random.Script(i % 10 == 0 ? 590 : 64))).ToList();
        var texts = cases.Select(c => AddressCodec.Write(c.Script, c.Chain)).ToList();

        var written = await reference.AskAsync(
            cases.Select(c => Question("write", ("prefix", c.Chain.AddressPrefix), ("script", CkbJson.Of(c.Script)))), Ct);
        var read = await reference.AskAsync(
            cases.Zip(texts, (c, t) => Question("read", ("prefix", c.Chain.AddressPrefix), ("text", t))), Ct);

        Assert.Equal(texts, written.Select(w => (string?)w));
        Assert.Equal(cases.Select(c => CkbJson.Of(c.Script).ToJsonString()), read.Select(r => r?.ToJsonString()));
        Assert.All(cases.Zip(texts), pair => Assert.Equal(
            new AddressReading.Read(pair.First.Script, AddressFormat.Full), AddressCodec.Read(pair.Second, pair.First.Chain)));
    }

    [Fact]
    public async Task On_addresses_of_formats_that_nobody_writes_any_more()
    {
        var random = new RandomChain(2);
        var payloads = Enumerable.Range(0, 3000).Select(i => (i % 3) switch
        {
            0 => ByteString.From([1, (byte)random.Number(3), .. random.Bytes(19 + random.Number(2)).Span]),
            1 => ByteString.From([2, .. random.Bytes(31 + random.Number(40)).Span]),
            _ => ByteString.From([4, .. random.Bytes(31 + random.Number(40)).Span]),
        }).ToList();
        var texts = await reference.AskAsync(
            payloads.Select((p, i) => Question("writeOld", ("prefix", Chains[i % 2].AddressPrefix), ("payload", p.ToString()))), Ct);
        var read = await reference.AskAsync(
            texts.Select((t, i) => Question("read", ("prefix", Chains[i % 2].AddressPrefix), ("text", (string?)t))), Ct);

        var agreed = 0;
        foreach (var (i, theirs) in read.Index())
        {
            var ours = AddressCodec.Read((string)texts[i]!, Chains[i % 2]);
            var script = (ours as AddressReading.Read)?.Lock;

            // Cells to which anybody may add can say how much must be added; the other implementation does not read those.
            var isTheirsToRead = payloads[i].Span is not [1, 2, ..] || payloads[i].Length == 22;
            if (isTheirsToRead)
            {
                Assert.Equal(theirs?.ToJsonString(), script is null ? null : CkbJson.Of(script).ToJsonString());
                agreed += script is null ? 0 : 1;
            }
        }

        Assert.InRange(agreed, 2000, 3000);
    }

    [Fact]
    public async Task On_hashes_and_sizes_of_scripts()
    {
        var random = new RandomChain(3);
        var scripts = Enumerable.Range(0, 2000).Select(_ => random.Script(200)).ToList();

        var said = await reference.AskAsync(scripts.Select(s => Question("script", ("script", CkbJson.Of(s)))), Ct);

        Assert.Equal(
            scripts.Select(s => (s.Hash().ToHex(), s.OccupiedBytes)), said.Select(s => ((string)s!["hash"]!, (int)s["occupied"]!)));
    }

    [Fact]
    public async Task On_every_byte_and_the_hash_of_a_transaction_and_the_room_that_its_cells_take_up()
    {
        var random = new RandomChain(4);
        var transactions = Enumerable.Range(0, 2000).Select(_ => random.Transaction(random.Number(5))).ToList();

        var said = await reference.AskAsync(transactions.Select(t => Question("transaction", ("tx", CkbJson.Of(t)))), Ct);

        Assert.All(transactions.Zip(said), pair =>
        {
            var (ours, theirs) = pair;
            Assert.Equal((string)theirs!["molecule"]!, ByteString.From(ours.ToMolecule()).ToString());
            Assert.Equal((string)theirs["hash"]!, ours.Hash().ToHex());
            Assert.Equal(
                theirs["occupied"]!.AsArray().Select(o => (ulong)o! * CellOutput.ShannonPerByte),
                ours.Outputs.Select((o, i) => o.OccupiedShannon(ours.OutputsData[i].Length)));
            Assert.Equal(ours, Transaction.FromMolecule(ours.ToMolecule()));
        });
    }

    [Fact]
    public async Task On_what_is_to_be_signed_once_the_place_of_the_signature_is_empty()
    {
        var random = new RandomChain(5);
        var cases = Enumerable.Range(0, 2000).Select(i => random.Signable(Chains[i % 2])).ToList();

        var said = await reference.AskAsync(
            cases.Select((c, i) =>
            {
                // They sign what is in the witness, so the place has to be emptied for them.
                var witness = WitnessArgs.FromWitness(c.Transaction.Witnesses[c.Group[0]])! with { Lock = Sighash.EmptyLock };
                var emptied = c.Transaction with { Witnesses = c.Transaction.Witnesses.SetItem(c.Group[0], witness.ToWitness()) };
                return Question(
                    "digest", ("tx", CkbJson.Of(emptied)), ("lock", CkbJson.Of(c.Owner)), ("prefix", Chains[i % 2].AddressPrefix),
                    ("spent", new JsonArray([.. c.Spent.Select(o => CkbJson.Of(new Transaction
                    {
                        Inputs = [],
                        Outputs = [o],
                        OutputsData = [ByteString.Empty],
                    })["outputs"]![0]!.DeepClone())])));
            }),
            Ct);

        Assert.Equal(
            cases.Select(c => (Sighash.Digest(c.Transaction, c.Group).ToHex(), c.Group[0])),
            said.Select(s => ((string)s!["digest"]!, (int)s["position"]!)));
    }

    [Fact]
    public async Task On_whose_a_signature_is_theirs_and_ours()
    {
        var random = new RandomChain(6);
        var cases = Enumerable.Range(0, 1000).Select(_ => (Secret: random.Bytes(32), Digest: random.Hash())).ToList();
        var ours = cases.Select(c =>
        {
            using var key = SigningKey.FromSecret(c.Secret.Span);
            return (Key: key.PublicKey, Signature: key.Sign(c.Digest.ToBytes()));
        }).ToList();

        var signed = await reference.AskAsync(
            cases.Select(c => Question("sign", ("secret", c.Secret.ToString()), ("digest", c.Digest.ToHex()))), Ct);
        var recovered = await reference.AskAsync(
            cases.Zip(ours, (c, o) => Question("recover", ("digest", c.Digest.ToHex()), ("signature", o.Signature.ToString()))), Ct);

        Assert.Equal(ours.Select(o => ($"0x{o.Key}", false)), recovered.Select(r => ((string)r!["public_key"]!, (bool)r["is_high"]!)));
        Assert.All(signed.Zip(cases, ours), x =>
        {
            var theirs = RecoverableSignature.FromBytes(ByteString.Parse((string)x.First!["signature"]!).Span);
            Assert.True(theirs.IsLow && theirs.TryRecover(x.Second.Digest.ToBytes(), out var key) && key == x.Third.Key);
        });
    }

    [Fact]
    public async Task On_the_address_of_a_key()
    {
        var random = new RandomChain(7);
        var secrets = Enumerable.Range(0, 500).Select(_ => random.Bytes(32)).ToList();

        var said = await reference.AskAsync(
            secrets.Select((s, i) => Question("lock", ("prefix", Chains[i % 2].AddressPrefix), ("secret", s.ToString()))), Ct);

        Assert.Equal(said.Select(s => (string?)s), secrets.Select((s, i) =>
        {
            using var key = SigningKey.FromSecret(s.Span);
            return AddressCodec.Write(Chains[i % 2].LockOf(key.PublicKey), Chains[i % 2]);
        }));
    }

    private static JsonObject Question(string ask, params (string Name, JsonNode? Value)[] members)
    {
        var question = new JsonObject { ["ask"] = ask };
        foreach (var (name, value) in members)
        {
            question[name] = value;
        }

        return question;
    }
}
