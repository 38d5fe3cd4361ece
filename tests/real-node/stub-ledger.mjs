// The state of the stand-in chain: blocks by number only, transactions and the cells they make and spend.
import { ckbHash, concat, fromHex, quantity, scriptHash, transactionHash, u32, u64 } from './ckb-molecule.mjs';

export const ZERO_HASH = '0x' + '00'.repeat(32);
export const TYPE_ID = '0x00000000000000000000000000000000000000000000000000545950455f4944';
const ANYONES_LOCK = { code_hash: ZERO_HASH, hash_type: 'data', args: '0x' };
const SHANNONS_PER_CKB = 100_000_000n;
const GIFT_CELLS = 20;
const GIFT_CKB_PER_CELL = 5000n;
const FIRST_TIP = 1000;
const SYSTEM_CELL_CAPACITY = quantity(1e12);

export const keyOf = (outPoint) => outPoint.tx_hash + ':' + BigInt(outPoint.index);
const sameScript = (a, b) => a && b && a.code_hash === b.code_hash && a.hash_type === b.hash_type && a.args === b.args;
const within = (length, range) => !range || (BigInt(length) >= BigInt(range[0]) && BigInt(length) < BigInt(range[1]));
const rpcError = (code, message) => Object.assign(new Error(message), { code });

/** Whether a cell answers the indexer's search key. */
export function matches(search, cell) {
  const script = search.script_type === 'type' ? cell.output.type : cell.output.lock;
  if (!script) {
    return false;
  }
  const wanted = search.script;
  const found = search.script_search_mode === 'exact'
    ? sameScript(script, wanted)
    : script.code_hash === wanted.code_hash && script.hash_type === wanted.hash_type && script.args.startsWith(wanted.args);
  const typeLength = cell.output.type ? 33 + fromHex(cell.output.type.args).length : 0;
  return Boolean(found)
    && within(typeLength, search.filter?.script_len_range)
    && within(fromHex(cell.data).length, search.filter?.output_data_len_range);
}

/** Blocks, transactions and cells. */
export class Ledger {
  constructor() {
    this.tip = FIRST_TIP;
    this.startedAt = Date.now() - 3_600_000;
    this.transactions = new Map();
    this.cells = new Map();
    this.gifted = new Set();
    this.giftCount = 0;
    this.genesis = [
      this.systemTransaction('0xffffffff', [null, 1, 2, 3, 4], ['0x']),
      this.systemTransaction('0xfffffffe', [null, null], []),
    ];
    this.sighashCode = scriptHash(this.systemType(1));
  }

  /** The type script of a cell of the first genesis transaction: its type id. */
  systemType(index) {
    const cellbaseInput = concat([u64(0), fromHex(ZERO_HASH), u32(0xffffffff)]);
    return { code_hash: TYPE_ID, hash_type: 'type', args: ckbHash(concat([cellbaseInput, u64(index)])) };
  }

  systemTransaction(inputIndex, typeIndexes, witnesses) {
    return {
      ...this.minting(ZERO_HASH, inputIndex, typeIndexes.map((index) => ({
        capacity: SYSTEM_CELL_CAPACITY,
        lock: ANYONES_LOCK,
        type: index === null ? null : this.systemType(index),
      }))),
      witnesses,
    };
  }

  minting(fromHash, inputIndex, outputs) {
    return {
      version: '0x0',
      cell_deps: [],
      header_deps: [],
      inputs: [{ since: '0x0', previous_output: { tx_hash: fromHash, index: inputIndex } }],
      outputs,
      outputs_data: outputs.map(() => '0x'),
      witnesses: [],
    };
  }

  hashOfBlock(number) {
    return ckbHash(Buffer.from('blk' + number));
  }

  header(number) {
    return {
      version: '0x0',
      compact_target: '0x20010000',
      timestamp: quantity(this.startedAt + number * 1000),
      number: quantity(number),
      epoch: number === 0 ? '0x0' : '0x7080000000000',
      parent_hash: number === 0 ? ZERO_HASH : this.hashOfBlock(number - 1),
      transactions_root: ZERO_HASH,
      proposals_hash: ZERO_HASH,
      extra_hash: ZERO_HASH,
      dao: ZERO_HASH,
      nonce: '0x0',
      hash: this.hashOfBlock(number),
    };
  }

  headerByHash(hash) {
    for (let number = this.tip; number >= 0; number--) {
      if (this.hashOfBlock(number) === hash) {
        return this.header(number);
      }
    }
    return null;
  }

  commit(transaction, number) {
    const hash = transactionHash(transaction);
    this.transactions.set(hash, { transaction, number });
    for (const { previous_output: spent } of transaction.inputs) {
      const cell = this.cells.get(keyOf(spent));
      if (cell) {
        Object.assign(cell, { live: false, spentBy: hash, spentAt: number });
      }
    }
    transaction.outputs.forEach((output, i) => {
      const outPoint = { tx_hash: hash, index: quantity(i) };
      this.cells.set(keyOf(outPoint), { outPoint, output, data: transaction.outputs_data[i] ?? '0x', number, live: true });
    });
    return hash;
  }

  send(transaction) {
    const hash = transactionHash(transaction);
    if (this.transactions.has(hash)) {
      throw rpcError(-1107, 'PoolRejectedDuplicatedTransaction');
    }
    for (const { previous_output: spent } of transaction.inputs) {
      const cell = this.cells.get(keyOf(spent));
      if (!cell?.live) {
        throw rpcError(-301, 'TransactionFailedToResolve: Resolve failed ' + (cell ? 'Dead' : 'Unknown'));
      }
    }
    this.tip++;
    return this.commit(transaction, this.tip);
  }

  gift(output) {
    const source = ckbHash(Buffer.from('gift' + this.giftCount++));
    this.commit(this.minting(source, '0x0', [output]), this.tip);
  }

  /** The first question about a script fills its purse: script cells for a type id, money for an ordinary lock. */
  giveOnce(search) {
    const id = JSON.stringify(search.script);
    if (this.gifted.has(id)) {
      return;
    }
    this.gifted.add(id);
    if (search.script_type === 'type' && search.script.code_hash === TYPE_ID) {
      this.gift({ capacity: SYSTEM_CELL_CAPACITY, lock: ANYONES_LOCK, type: search.script });
    } else if (search.script_type === 'lock' && search.script.code_hash === this.sighashCode) {
      for (let i = 0; i < GIFT_CELLS; i++) {
        this.gift({ capacity: quantity(GIFT_CKB_PER_CELL * SHANNONS_PER_CKB), lock: search.script, type: null });
      }
    }
  }

  liveCells(search) {
    return [...this.cells.values()].filter((cell) => cell.live && matches(search, cell));
  }
}
