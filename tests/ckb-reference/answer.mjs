// Answers questions about CKB, one line of JSON each, in the order in which they came: {"answer": …} or {"error": "…"}.
import { createInterface } from "node:readline";
import { ccc } from "@ckb-ccc/core";
import { secp256k1 } from "@noble/curves/secp256k1";
import { bech32 } from "bech32";

const ADDRESS_LETTERS_MAX = 1023;

const clients = { ckb: new ccc.ClientPublicMainnet(), ckt: new ccc.ClientPublicTestnet() };

const scriptOf = (s) => ccc.Script.from({ codeHash: s.code_hash, hashType: s.hash_type, args: s.args });

const outputOf = (o) => ({
  capacity: o.capacity,
  lock: scriptOf(o.lock),
  type: o.type ? scriptOf(o.type) : undefined,
});

const pointOf = (p) => ({ txHash: p.tx_hash, index: p.index });

const transactionOf = (tx, spent = []) =>
  ccc.Transaction.from({
    version: tx.version,
    cellDeps: tx.cell_deps.map((d) => ({
      outPoint: pointOf(d.out_point),
      depType: d.dep_type === "dep_group" ? "depGroup" : d.dep_type,
    })),
    headerDeps: tx.header_deps,
    inputs: tx.inputs.map((input, i) => ({
      previousOutput: pointOf(input.previous_output),
      since: input.since,
      cellOutput: spent[i] && outputOf(spent[i]),
      outputData: spent[i] && "0x",
    })),
    outputs: tx.outputs.map(outputOf),
    outputsData: tx.outputs_data,
    witnesses: tx.witnesses,
  });

const bytesOf = (hex) => ccc.bytesFrom(hex);

const answers = {
  read: async ({ prefix, text }) => {
    const { script } = await ccc.Address.fromString(text, clients[prefix]);
    return { code_hash: script.codeHash, hash_type: script.hashType, args: script.args };
  },

  write: async ({ prefix, script }) => ccc.Address.from({ prefix, script: scriptOf(script) }).toString(),

  // Formats that nobody writes any more.
  writeOld: async ({ prefix, payload }) =>
    bech32.encode(prefix, bech32.toWords(bytesOf(payload)), ADDRESS_LETTERS_MAX),

  script: async ({ script }) => ({ hash: scriptOf(script).hash(), occupied: scriptOf(script).occupiedSize }),

  transaction: async ({ tx }) => {
    const read = transactionOf(tx);
    return {
      hash: read.hash(),
      molecule: ccc.hexFrom(read.toBytes()),
      occupied: read.outputs.map((o, i) => o.occupiedSize + bytesOf(tx.outputs_data[i]).length),
    };
  },

  digest: async ({ tx, spent, lock, prefix }) => {
    const info = await transactionOf(tx, spent).getSignHashInfo(scriptOf(lock), clients[prefix]);
    return info ? { digest: info.message, position: info.position } : null;
  },

  sign: async ({ secret, digest }) => {
    const signer = new ccc.SignerCkbPrivateKey(clients.ckt, secret);
    return { signature: await signer._signMessage(digest), public_key: signer.publicKey };
  },

  recover: async ({ digest, signature }) => {
    const bytes = bytesOf(signature);
    const read = secp256k1.Signature.fromCompact(bytes.slice(0, 64)).addRecoveryBit(bytes[64]);
    return {
      public_key: ccc.hexFrom(read.recoverPublicKey(bytesOf(digest)).toRawBytes(true)),
      is_high: read.hasHighS(),
    };
  },

  lock: async ({ secret, prefix }) => {
    const signer = new ccc.SignerCkbPrivateKey(clients[prefix], secret);
    return await signer.getRecommendedAddress();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let said;
  try {
    said = { answer: await answers[question.ask](question) };
  } catch (e) {
    said = { error: String(e.message ?? e) };
  }

  if (!process.stdout.write(JSON.stringify(said) + "\n")) {
    await new Promise((resume) => process.stdout.once("drain", resume));
  }
}
